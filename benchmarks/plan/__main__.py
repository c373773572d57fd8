"""Which way of sending N images fits a deadline, a budget and the rate limits: simulated, or from recordings."""

import argparse
import json
import re
import sys
from pathlib import Path

from benchmarks.plan import samples, telling
from benchmarks.plan.candidates import CHUNKS, Asked, plans
from benchmarks.plan.samples import Sample
from benchmarks.scaling import machine as one_machine
from fixtures.base import option_types
from fixtures.base.errors import RunError
from fixtures.images import folder as images
from fixtures.run.options import DEFAULT_MODEL
from fixtures.simulator import projection
from fixtures.simulator.projection import Projection

LIKE = "sixteen"
"""The image set whose sizes and numbers of people the simulated images have."""
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def main() -> str | int | None:
    """Print the plans; return what is wrong, 1 where nothing fits."""
    arguments = _arguments()
    asked = Asked(arguments.images, arguments.model, arguments.rpm, arguments.tpm, arguments.deadline, arguments.budget)
    recordings = tuple(dict.fromkeys(arguments.latency_from))
    try:
        known = projection.read(recordings, asked.model) if recordings else None
        found = _samples(asked, known)
    except RunError as error:
        return f"plan: {error}"
    client = one_machine.measured()
    told = telling.Told(asked, plans(asked, found, client), client, known, LIKE)
    sys.stdout.write(json.dumps(told.document(), indent=1) + "\n" if arguments.json else "\n".join(told.lines()) + "\n")
    return 0 if told.fitting else 1


def _samples(asked: Asked, known: Projection | None) -> dict[int, Sample]:
    """Return what requests of each size take; of recordings, only the sizes that were recorded, and one image."""
    if known is not None:
        sizes = [1, *sorted({request.images for request in known.latencies.requests} - {1})]
        return {size: samples.recorded(known, size) for size in sizes}
    sizes = [1, *CHUNKS, *([asked.images] if asked.images <= 2 * CHUNKS[-1] else [])]
    return {size: samples.simulated(asked.model, images.load(LIKE), size) for size in sorted(set(sizes))}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plan", description=__doc__)
    model, limit = option_types.model, option_types.many
    parser.add_argument("--images", type=limit, required=True, metavar="N", help="how many there are")
    parser.add_argument("--model", type=model, default=DEFAULT_MODEL, metavar="NAME", help=f"default: {DEFAULT_MODEL}")
    parser.add_argument("--rpm", type=limit, metavar="N", help="requests a minute that you may send (default: any)")
    parser.add_argument("--tpm", type=limit, metavar="N", help="input tokens a minute, likewise")
    parser.add_argument("--deadline", type=_duration, metavar="TIME", help="such as 90s, 45m, 1h30m or 2d")
    parser.add_argument("--budget", type=option_types.dollars, metavar="USD", help="in US dollars")
    parser.add_argument(
        "--latency-from",
        type=Path,
        action="append",
        default=[],
        metavar="CASSETTE",
        help="project from this cassette's requests instead of the simulator's, repeatable",
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    return parser.parse_args()


def _duration(text: str) -> float:
    if not re.fullmatch(r"(?:[0-9]{1,6}d)?(?:[0-9]{1,6}h)?(?:[0-9]{1,6}m)?(?:[0-9]{1,6}s)?", text) or not text:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time, such as 90s, 45m, 1h30m or 2d")
    seconds = sum(int(amount) * UNITS[unit] for amount, unit in re.findall(r"([0-9]+)([dhms])", text))
    if not seconds:
        raise argparse.ArgumentTypeError(f"{text!r} is no time at all")
    return float(seconds)


if __name__ == "__main__":
    sys.exit(main())
