"""The page of a report: what it advises, what was asked, its figures and tables, and the files beside it."""

from benchmarks.report.page.markdown import make_markdown
from benchmarks.report.page.writing import add_to_step_summary, write_history, write_page

__all__ = ["add_to_step_summary", "make_markdown", "write_history", "write_page"]
