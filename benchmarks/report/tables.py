"""The report's tables as rows of text, and the sentence that answers; the same for the page, Markdown and CSV."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.history.groups import Group
from benchmarks.report.comparison import IMAGES_SHOWN, against, number, off_by, provenance, spread, worst_images
from benchmarks.verdicts.contest import CAVEAT, contest
from benchmarks.verdicts.contest import head as head_of
from benchmarks.verdicts.verdict import HEAD, Verdict
from fixtures.text.tables import dollars


@dataclass(frozen=True)
class Table:
    """A table with its caption; the first column names the rows."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def answer(group: Group) -> str:
    """Return the sentence that tells the fastest strategy, what it takes and costs, and how right it is."""
    first = group.first
    about = f"For {first['images']} images on {first['model']}"
    whole = {name: info for name, info in group.infos.items() if not info["errors"]}
    if not whole:
        return f"{about}, no strategy answered about every image."
    medians = {name: median(group.seconds[name]) for name in whole}
    fastest = min(medians, key=medians.__getitem__)
    parts = [f"{medians[fastest]:.1f} s"]
    if "sequential" in group.seconds and fastest != "sequential":
        parts.append(f"{median(group.seconds['sequential']) / medians[fastest]:.1f} times as fast as sequential")
    info = whole[fastest]
    parts.append("price unknown" if info["cost_usd"] is None else dollars(info["cost_usd"]))
    if info["mean_absolute_error"] is not None:
        parts.append(f"off by {info['mean_absolute_error']:.1f} people an image on average")
    left_out = [name for name in group.infos if name not in whole]
    beside = f" (left out for missing answers: {', '.join(left_out)})" if left_out else ""
    how = "is fastest" if len(whole) > 1 else "took"
    return f"{about}, {fastest} {how}: {', '.join(parts)}{beside}."


def final(group: Group) -> Table:
    """Return what each strategy took."""
    head = ["strategy", "seconds (median)", "range", "rounds", "against sequential", "requests", "retries"]
    head += ["first token", "tokens", "cost", "mean absolute error", "exact", "missing"]
    rows = []
    for name, info in group.infos.items():
        seconds, first = group.seconds[name], info["first_token_seconds"]
        exact = f"{info['exact']} of {len(info['people'])}"
        tokens = info["input_tokens"] + info["output_tokens"] + info["thoughts_tokens"]
        rows.append(
            [
                f"{name}{_settings(info)}",
                f"{median(seconds):.2f}",
                spread(seconds),
                str(len(seconds)),
                against(median(seconds), group.seconds.get("sequential"), is_reference=name == "sequential"),
                f"{info['requests']:,}",
                f"{info['retries']} (waited {info['backoff_seconds']:.1f} s)" if info["retries"] else "0",
                "-" if first is None else f"{first:.2f} s",
                f"{tokens:,}",
                "unknown" if info["cost_usd"] is None else dollars(info["cost_usd"]),
                off_by(info),
                exact if info["people"] else "-",
                str(len(info["errors"])),
            ]
        )
    return Table("Final comparison (answers, tokens and cost are those of the median round)", head, rows)


def against_stored(verdicts: Sequence[Verdict]) -> Table | None:
    """Return the verdicts against the stored runs; None where nothing was compared."""
    rows = [_row(verdict) for verdict in verdicts]
    head = ["strategy", *HEAD[1:], "why, or what it takes"]
    return Table("Faster or slower than the stored runs?", head, rows) if rows else None


def against_each_other(group: Group) -> Table | None:
    """Return the verdicts of one strategy against another in a live session; None of a replay."""
    found = contest(group.infos, group.seconds)
    caption = f"Faster or slower {head_of(group.infos)[0]}? {CAVEAT.format(count=len(found))}"
    head = ["strategy", *HEAD[1:], "why, or what it takes"]
    return Table(caption, head, [_row(verdict) for verdict in found]) if found else None


def _row(verdict: Verdict) -> list[str]:
    return [*verdict.row, "; ".join([*(f"grown: {each}" for each in verdict.grown), *verdict.notes])]


def _settings(info: Mapping[str, Any]) -> str:
    told = ", ".join(f"{name} {value}" for name, value in info["settings"].items())
    return f" ({told})" if told else ""


def consistency(group: Group) -> Table:
    """Return what each strategy counted: its median round's number, and the spread where rounds differ."""
    people, images = group.first["people"], worst_images(group.infos)
    rows = [
        [image, number(people.get(image)), *(_counted(info, image) for info in group.infos.values())]
        for image in images[:IMAGES_SHOWN]
    ]
    exact = [f"{info['exact']} of {len(info['people'])}" if info["people"] else "-" for info in group.infos.values()]
    rows.append(["exact counts", "", *exact])
    rows.append(["mean absolute error", "", *map(off_by, group.infos.values())])
    more = (
        f"; the {IMAGES_SHOWN} worst of {len(images)} images, the rest is in the CSV"
        if len(images) > IMAGES_SHOWN
        else ""
    )
    return Table(
        f"Consistency check (median round, and the range over rounds{more})", ["image", "true", *group.infos], rows
    )


def _counted(info: Mapping[str, Any], image: str) -> str:
    shown = number(info["answers"].get(image))
    rounds = [answers.get(image) for answers in info["answers_by_round"]]
    numbers = [each for each in rounds if each is not None]
    missing = f", {rounds.count(None)} missing" if numbers and None in rounds else ""
    if not numbers or (min(numbers) == max(numbers) and not missing):
        return shown
    return f"{shown} ({min(numbers)} to {max(numbers)}{missing})"


def errors(group: Group) -> Table | None:
    """Return why images have no number; None where all have one."""
    rows = [[name, image, text] for name, info in group.infos.items() for image, text in info["errors"].items()]
    return Table("Images without a number in the median round", ["strategy", "image", "why"], rows) if rows else None


def sources(group: Group) -> Table:
    """Return where each strategy's figures come from."""
    rows = [
        [
            name,
            info["timing"],
            info["source"],
            info["recorded_at"] or "unknown",
            info["model_version"] or "not told",
            info["sdk"],
            info["priced_on"],
        ]
        for name, info in group.infos.items()
    ]
    head = ["strategy", "timing", "source", "recorded at", "answered by", "SDK", "prices as of"]
    return Table("Provenance", head, rows)


def origin(group: Group) -> str:
    """Return the sentence that says where the figures come from."""
    return provenance(group.infos)


CSV_HEAD = [
    *("model", "image_set", "timing", "source", "strategy", "round", "seconds", "image", "people", "answer"),
    "median_round_error",
]


def csv_rows(group: Group) -> Iterator[list[Any]]:
    """Yield a row for each strategy, round and image."""
    for name, info in group.infos.items():
        about = [info[key] for key in ("model", "image_set", "timing", "source")]
        for index, (seconds, answers) in enumerate(zip(group.seconds[name], info["answers_by_round"], strict=True)):
            for image, counted in answers.items():
                true, error = info["people"].get(image), info["errors"].get(image, "")
                yield [*about, name, index + 1, round(seconds, 6), image, true, counted, error]
