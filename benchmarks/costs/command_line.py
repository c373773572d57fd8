"""The command lines of the scripts: `--help`, and for the simulations the number of trials."""

import argparse
from inspect import cleandoc

from fixtures.base.option_types import read_positive_integer

TRIALS = 2000


def make_parser(name: str, description: str | None) -> argparse.ArgumentParser:
    """Return a parser for the script with this name in `benchmarks.costs`; its help shows the description as it is."""
    return argparse.ArgumentParser(
        prog=f"python -m benchmarks.costs.{name}",
        description=cleandoc(description or ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def take_no_arguments(name: str, description: str | None) -> None:
    """Exit if there are arguments on the command line of this script: `--help` prints the help, others are an error."""
    make_parser(name, description).parse_args()


def read_trials(name: str, description: str | None) -> int:
    """Return the number of trials given on the command line of this script."""
    parser = make_parser(name, description)
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
