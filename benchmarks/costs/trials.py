"""The command line of a simulation: how many trials it runs."""

import argparse
from inspect import cleandoc

from fixtures.base.option_types import read_positive_integer

TRIALS = 2000


def read_trials(name: str, description: str | None) -> int:
    """Return the number of trials given on the command line of the script with this name in `benchmarks.costs`."""
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks.costs.{name}",
        description=cleandoc(description or ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "trials",
        nargs="?",
        type=read_positive_integer,
        default=TRIALS,
        metavar="TRIALS",
        help=f"number of simulated trials per setting (default: {TRIALS})",
    )
    trials: int = parser.parse_args().trials
    return trials
