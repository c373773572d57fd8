"""The page of a report: the advice, the question, the figures and tables; and the files next to the page."""

from benchmarks.report.page.markdown import make_markdown
from benchmarks.report.page.writing import add_to_step_summary, write_history, write_page

__all__ = ["add_to_step_summary", "make_markdown", "write_history", "write_page"]
