"""`python -m benchmarks.report RUN.json... [-o DIR]`: write the report of stored runs."""

import argparse
import sys
from pathlib import Path

from benchmarks.report.runs import stored
from benchmarks.report.write import write
from fixtures.errors import RunError


def main() -> str | None:
    """Write the report; return what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN.json", help="runs that pytest-benchmark stored")
    parser.add_argument("-o", "--output", type=Path, default=Path("report"), metavar="DIR", help="default: report")
    arguments = parser.parse_args()
    try:
        page = write(stored(arguments.runs), arguments.output, {})
    except RunError as error:
        return f"report: {error}"
    sys.stdout.write(f"{page}\n")
    return None


if __name__ == "__main__":
    sys.exit(main())
