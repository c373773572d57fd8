"""Which way of sending N images fits a deadline, a budget and the rate limits: simulated, or from recordings."""

import argparse
import json
import re
import sys
from pathlib import Path

from benchmarks.plan.candidates import CHUNKS, Requirements, list_plans
from benchmarks.plan.report import PlanReport
from benchmarks.plan.samples import Sample, simulate_requests, take_recorded
from benchmarks.scaling.client import measure_client
from fixtures.base import option_types
from fixtures.base.errors import RunError
from fixtures.images.folder import load_images
from fixtures.run.options.settings import DEFAULT_MODEL
from fixtures.simulator.projection import RecordedLatencies, read_latencies

IMAGE_SET = "sixteen"
"""The image set whose sizes and numbers of people the simulated images have."""
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
"""The seconds of a unit of time."""


def main() -> str | int | None:
    """Print the plans; return what is wrong, 1 where nothing fits."""
    given = _parse_arguments()
    required = Requirements(given.images, given.model, given.rpm, given.tpm, given.deadline, given.budget)
    cassettes = tuple(dict.fromkeys(given.latency_from))
    try:
        recorded = read_latencies(cassettes, required.model) if cassettes else None
        samples = collect_samples(required, recorded)
    except RunError as error:
        return f"plan: {error}"
    client = measure_client()
    report = PlanReport(required, list_plans(required, samples, client), client, recorded, IMAGE_SET)
    text = json.dumps(report.make_document(), indent=1) if given.json else "\n".join(report.format_lines())
    sys.stdout.write(f"{text}\n")
    return 0 if report.feasible else 1


def collect_samples(required: Requirements, recorded: RecordedLatencies | None) -> dict[int, Sample]:
    """Return a sample for each size of request, one image among them; of recordings, only sizes that were recorded.

    Raise `RunError` for an unknown model, and where a limit of tokens meets recordings that do not count them.
    """
    if recorded is not None:
        if required.tpm is not None and not all(each.prompt_tokens for each in recorded.latencies.observations):
            raise RunError("--tpm: the recorded answers do not all say how many tokens they read; plan without it.")
        sizes = [1, *sorted({request.images for request in recorded.latencies.observations} - {1})]
        return {size: take_recorded(recorded, size) for size in sizes}
    sizes = [1, *CHUNKS, *([required.images] if required.images <= 2 * CHUNKS[-1] else [])]
    return {size: simulate_requests(required.model, load_images(IMAGE_SET), size) for size in sorted(set(sizes))}


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plan", description=__doc__)
    model, limit = option_types.read_model, option_types.read_large_integer
    parser.add_argument("--images", type=limit, required=True, metavar="N", help="how many there are")
    parser.add_argument("--model", type=model, default=DEFAULT_MODEL, metavar="NAME", help=f"default: {DEFAULT_MODEL}")
    parser.add_argument("--rpm", type=limit, metavar="N", help="requests a minute that you may send (default: any)")
    parser.add_argument("--tpm", type=limit, metavar="N", help="input tokens a minute, likewise")
    parser.add_argument("--deadline", type=_read_duration, metavar="TIME", help="such as 90s, 45m, 1h30m or 2d")
    parser.add_argument("--budget", type=option_types.read_dollars, metavar="USD", help="in US dollars")
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


def _read_duration(text: str) -> float:
    if not re.fullmatch(r"(?:[0-9]{1,6}d)?(?:[0-9]{1,6}h)?(?:[0-9]{1,6}m)?(?:[0-9]{1,6}s)?", text) or not text:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time, such as 90s, 45m, 1h30m or 2d")
    seconds = sum(int(amount) * UNITS[unit] for amount, unit in re.findall(r"([0-9]+)([dhms])", text))
    if not seconds:
        raise argparse.ArgumentTypeError(f"{text!r} is no time at all")
    return float(seconds)


if __name__ == "__main__":
    sys.exit(main())
