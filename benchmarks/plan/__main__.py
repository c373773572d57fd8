"""Plan how to send N images within a deadline, a budget and rate limits, from the simulator or from recordings."""

import argparse
import json
import re
import sys
from pathlib import Path

from benchmarks.plan.learning.learner import learn_strategies
from benchmarks.plan.planning.planner import list_plans
from benchmarks.plan.report.document import make_document
from benchmarks.plan.report.facts import PlanReport
from benchmarks.plan.report.terminal import format_lines
from benchmarks.plan.requirements import Requirements
from benchmarks.plan.samples import Samples, Subject, fit_client, list_recorded, list_simulated, read_subject
from benchmarks.scaling.client import measure_client
from benchmarks.strategies import STRATEGIES
from fixtures.base import option_types
from fixtures.base.errors import RunError
from fixtures.images.task_file import find_folder
from fixtures.models.model_settings import ModelSettings, combine
from fixtures.run.options.model_settings import SETTINGS, add_options, join_values, refuse_beside_recordings
from fixtures.run.options.settings import DEFAULT_MODEL
from fixtures.simulator.projection import RecordedLatencies, read_latencies
from fixtures.tasks.kind import Kind
from fixtures.text.tables import find_width

IMAGE_SET = "sixteen"
"""The image set whose question and file sizes are assumed where only a number of images is given."""


def main() -> str | int | None:
    """Print the plans; return an error message, 1 if no plan fits, else 0."""
    given = _parse_arguments()
    try:
        report = make_report(given)
    except RunError as error:
        return f"plan: {error}"
    lines = format_lines(report, find_width())
    text = json.dumps(make_document(report), indent=1) if given.json else "\n".join(lines)
    sys.stdout.write(f"{text}\n")
    return 0 if report.feasible else 1


def make_report(given: argparse.Namespace) -> PlanReport:
    """Return the plans for the options of the command line; raise `RunError` if they cannot be planned."""
    settings = read_model_settings(given)
    folder = given.images if isinstance(given.images, str) else ""
    subject = read_subject(folder or IMAGE_SET, given.task)
    recorded = None
    if given.latency_from:
        folders = (find_folder(folder),) if folder else ()
        recorded = read_latencies(tuple(dict.fromkeys(given.latency_from)), given.model, folders, given.task)
    required = Requirements(
        images=subject.count if folder else given.images,
        model=given.model,
        kind=find_kind(subject, recorded),
        rpm=given.rpm,
        tpm=given.tpm,
        rpd=given.rpd,
        batch_tokens=given.batch_tokens,
        deadline=given.deadline,
        budget=given.budget,
        least_right=given.least_right,
        folder=folder,
    )
    samples = collect_samples(required, subject, recorded)
    learned = learn_strategies(STRATEGIES, subject.question, required.images)
    client = measure_client()
    fitted = fit_client(client, subject) if folder else client
    plans = list_plans(required, learned, samples, fitted, settings)
    return PlanReport(required, plans, client, recorded, subject, settings)


def read_model_settings(given: argparse.Namespace) -> list[ModelSettings]:
    """Return every combination of the model settings; raise `RunError` if one cannot be planned."""
    values = join_values({name: getattr(given, name) for name in SETTINGS})
    if given.latency_from:
        refuse_beside_recordings(values)
    if values["max_side"]:
        raise RunError(
            "--max-side cannot be planned: the simulator does not decode images. Record with --max-side, then plan "
            "from the cassette (--latency-from)."
        )
    return list(combine(values))


def find_kind(subject: Subject, recorded: RecordedLatencies | None) -> Kind:
    """Return the kind of the recorded answers or, without recordings, of the answers to the image set's question.

    Raise `RunError` if the recordings hold answers of several kinds.
    """
    kinds = recorded.kinds if recorded is not None else ()
    if len(kinds) > 1:
        raise RunError(
            "--latency-from: the cassettes hold different kinds of answers; name cassettes of one kind only."
        )
    return kinds[0] if kinds else subject.question.kind


def collect_samples(required: Requirements, subject: Subject, recorded: RecordedLatencies | None) -> Samples:
    """Return the source of samples: the simulator or the recordings.

    Raise `RunError` for an unknown model, or if a token limit is given and recorded answers have no token counts.
    """
    if recorded is None:
        return list_simulated(required.model, subject)
    limits = {"--tpm": required.tpm, "--batch-tokens": required.batch_tokens}
    for option in (option for option, limit in limits.items() if limit is not None):
        if not all(each.prompt_tokens for each in recorded.latencies.observations):
            raise RunError(f"{option}: some recorded answers have no token counts; leave the option out.")
    return list_recorded(recorded)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.plan", description=__doc__, epilog="The exit code is 1 if no plan fits."
    )
    model, limit = option_types.read_model, option_types.read_large_integer
    parser.add_argument(
        "--images",
        type=_read_images,
        required=True,
        metavar="N|SET",
        help="the number of images, or an image set: a name under fixtures/images or a folder of images",
    )
    parser.add_argument(
        "--task", default="", metavar="MODULE:NAME", help="your own kind of answer about a folder's images, as in a run"
    )
    parser.add_argument(
        "--model",
        type=model,
        default=DEFAULT_MODEL,
        metavar="NAME",
        help=f"the model to ask (default: {DEFAULT_MODEL})",
    )
    parser.add_argument("--rpm", type=limit, metavar="N", help="limit of requests a minute (default: no limit)")
    parser.add_argument("--tpm", type=limit, metavar="N", help="limit of input tokens a minute (default: no limit)")
    parser.add_argument(
        "--rpd",
        type=limit,
        metavar="N",
        help="limit of requests a day, reset at midnight Pacific time (default: no limit)",
    )
    parser.add_argument(
        "--batch-tokens",
        type=limit,
        metavar="N",
        help="limit of input tokens in all batch jobs that run at the same time (default: no limit)",
    )
    parser.add_argument(
        "--deadline",
        type=option_types.read_duration,
        metavar="TIME",
        help="longest time for all images, such as 90s, 45m, 1h30m or 2d (default: any)",
    )
    parser.add_argument(
        "--budget",
        type=option_types.read_dollars,
        metavar="USD",
        help="highest cost of all images in US dollars (default: any)",
    )
    parser.add_argument(
        "--least-right",
        type=_read_share,
        metavar="SHARE",
        help="least share of right answers, such as 0.9, at the lower end of the 95%% interval (default: any)",
    )
    # --max-side cannot be planned; it is accepted here so that the error can say what to do instead.
    hidden = {SETTINGS["max_side"][0]: {"help": argparse.SUPPRESS}}
    add_options(lambda option, **details: parser.add_argument(option, **details | hidden.get(option, {})))
    parser.add_argument(
        "--latency-from",
        type=Path,
        action="append",
        default=[],
        metavar="CASSETTE",
        help="plan from the requests in this cassette instead of the simulator's; repeatable",
    )
    parser.add_argument("--json", action="store_true", help="print the plans as JSON, for programs")
    given = parser.parse_args()
    if given.task and not isinstance(given.images, str):
        parser.error("argument --task: needs an image set; name it with --images")
    return given


def _read_images(text: str) -> int | str:
    """Return a number of images, or the name or the folder of an image set."""
    return option_types.read_large_integer(text) if text.isdecimal() else option_types.read_image_set(text)


def _read_share(text: str) -> float:
    if not re.fullmatch(r"0?\.[0-9]{1,6}", text) or not float(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a share above 0 and below 1, such as 0.9")
    return float(text)


if __name__ == "__main__":
    sys.exit(main())
