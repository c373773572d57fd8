"""What a run says, as sentences and rows of text: for the terminal, the page and the pull request alike.

All of it is about strategies that ran on the same images and model, given as `extra_info` and seconds by strategy.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import median, quantiles
from typing import Any

from fixtures.recordings.staleness import age
from fixtures.text.tables import dollars

Infos = Mapping[str, Mapping[str, Any]]
Seconds = Mapping[str, Sequence[float]]

IMAGES_SHOWN = 20
TAILS = {95: 20, 99: 100}
"""Percentiles, and how many samples it takes to show them."""
SOURCES = {"gemini": "Gemini", "simulator": "the bundled simulator, not of Gemini"}


def provenance(infos: Infos) -> str:
    """Return the sentence that says where the figures come from."""
    all_infos = list(infos.values())
    origin = ", ".join(dict.fromkeys(SOURCES.get(info["source"], str(info["source"])) for info in all_infos))
    times = sorted(info["recorded_at"] for info in all_infos if info["recorded_at"])
    days = list(dict.fromkeys(time[:10] for time in times))
    when = " to ".join(dict.fromkeys((days[0], days[-1]))) if days else "nobody knows when"
    oldest = age(times[0], datetime.now(UTC)) if times else "of unknown age"
    prices_of = [info["priced_on"] for info in all_infos]
    priced = " to ".join(dict.fromkeys((min(prices_of), max(prices_of))))
    prices = f"genai-prices {version('genai-prices')}, as of {priced}"
    if all_infos[0]["timing"] == "virtual":
        return f"{_virtual(all_infos)} Prices: {prices}."
    replayed = all_infos[0]["timing"] == "replayed"
    how = "Replayed from recordings" if replayed else "Measured now, over real HTTP: answers"
    versions = ", ".join(
        sorted({info["model_version"] or "a model that does not tell its version" for info in all_infos})
    )
    return f"{how} of {origin} ({when}, {oldest}; answered by {versions}). Prices: {prices}."


def _virtual(infos: Sequence[Mapping[str, Any]]) -> str:
    projected = next((info["projected"] for info in infos if info["projected"]), None)
    if projected is None:
        return "In virtual time, in process: latencies and answers of the bundled simulator, not of Gemini."
    source = SOURCES.get(projected["source"], projected["source"])
    return (
        f"In virtual time: projected from {projected['requests']} recorded requests of {source} "
        f"({projected['recorded_at'][:10] or 'nobody knows when'}); what is counted is the bundled simulator's."
    )


def is_extrapolated(info: Mapping[str, Any]) -> bool:
    """Tell whether a projection is about requests of which no like was recorded."""
    return bool(info.get("projected") and info["projected"]["extrapolated"])


def virtual_remarks(infos: Infos, seconds: Seconds) -> list[str]:
    """Return how near runs in virtual time came to the best possible, and how sure projections are."""
    ideal = [
        f"{name} {median(seconds[name]) / info['ideal']['seconds']:.2f} ({info['ideal']['bound']})"
        for name, info in infos.items()
        if info.get("ideal")
    ]
    projected = [
        "{} {:.2f} to {:.2f} s".format(name, *info["projected"]["interval"])
        for name, info in infos.items()
        if info.get("projected")
    ]
    beyond = [name for name, info in infos.items() if is_extrapolated(info)]
    sentence = f"Extrapolated, for no request about as many images was recorded: {', '.join(beyond)}."
    return [
        *([f"Times the best possible (and what bounds that): {', '.join(ideal)}."] if ideal else []),
        *([f"95 % intervals of the projection, by resampling: {', '.join(projected)}."] if projected else []),
        *([sentence] if beyond else []),
    ]


def final_comparison(infos: Infos, seconds: Seconds) -> list[list[str]]:
    """Return the rows of what each strategy took, the head first."""
    rows = [
        ["strategy", "seconds: median (range)", "rounds", "against sequential", "requests", "tokens", "cost", "off by"]
    ]
    for name, info in infos.items():
        tokens = info["input_tokens"] + info["output_tokens"] + info["thoughts_tokens"]
        rows.append(
            [
                name,
                f"{median(seconds[name]):.2f} ({spread(seconds[name])})",
                str(len(seconds[name])),
                against(median(seconds[name]), seconds.get("sequential"), is_reference=name == "sequential"),
                f"{info['requests']:,}",
                f"{tokens:,}",
                "unknown" if info["cost_usd"] is None else dollars(info["cost_usd"]),
                off_by(info),
            ]
        )
    return rows


def spread(seconds: Sequence[float]) -> str:
    """Tell the range of rounds, and their tail where there are enough of them to have one."""
    tails = [
        f", p{percent} {quantiles(seconds, n=100, method='inclusive')[percent - 1]:.2f}"
        for percent, least in TAILS.items()
        if len(seconds) >= least
    ]
    return f"{min(seconds):.2f} to {max(seconds):.2f}{''.join(tails)}"


def against(middle: float, reference: Sequence[float] | None, *, is_reference: bool) -> str:
    """Say how many times faster or slower than the reference this is."""
    if is_reference or reference is None:
        return "-"
    ratio = median(reference) / middle
    return f"{ratio:.2f} times faster" if ratio >= 1 else f"{1 / ratio:.2f} times slower"


def worst_images(infos: Infos) -> list[str]:
    """Return the images with the largest errors, worst first; one without an answer is worst of all."""
    first = next(iter(infos.values()))
    return sorted(first["answers"], key=lambda image: _worst(image, first["people"], infos.values()), reverse=True)


def consistency_check(infos: Infos) -> list[list[str]]:
    """Return the rows of what each strategy counted in its median round beside the true numbers, the head first."""
    first = next(iter(infos.values()))
    shown = set(worst_images(infos)[:IMAGES_SHOWN])
    rows = [["people counted (median round)", "true", *infos]]
    for image in first["answers"]:
        if image in shown:
            answers = [number(info["answers"].get(image)) for info in infos.values()]
            rows.append([image, number(first["people"].get(image)), *answers])
    rows.append(["mean absolute error", "", *map(off_by, infos.values())])
    return rows


def remarks(infos: Infos) -> list[str]:
    """Return what is to be said of single strategies: missing numbers, retries, when a stream begins."""
    return [
        *(
            f"{name} has no number for {image}: {reason}"
            for name, info in infos.items()
            for image, reason in info["errors"].items()
        ),
        *(
            f"{name}: {info['retries']} retries, after waiting {info['backoff_seconds']:.2f} s for them in all"
            for name, info in infos.items()
            if info["retries"]
        ),
        *(
            f"{name}: an answer begins after {info['first_token_seconds']:.2f} s (median of the requests)"
            for name, info in infos.items()
            if info["first_token_seconds"] is not None
        ),
    ]


def verdict(infos: Infos, seconds: Seconds) -> str:
    """Return the sentence that says who wins among those that answered about every image."""
    images = next(iter(infos.values()))["images"]
    failed = [name for name, info in infos.items() if info["errors"]]
    left_out = f" Left out for missing answers: {', '.join(failed)}." if failed else ""
    beyond = [name for name, info in infos.items() if is_extrapolated(info) and name not in failed]
    left_out += f" Left out, being extrapolated: {', '.join(beyond)}." if beyond else ""
    infos = {name: info for name, info in infos.items() if name not in (*failed, *beyond)}
    if len(infos) < 2:  # noqa: PLR2004 - it takes two to compare
        return f"There are no two strategies to compare.{left_out}"
    medians = {name: median(seconds[name]) for name in infos}
    costs = {name: info["cost_usd"] for name, info in infos.items() if info["cost_usd"] is not None}
    errors = {n: i["mean_absolute_error"] for n, i in infos.items() if i["mean_absolute_error"] is not None}
    fastest = min(medians, key=medians.__getitem__)
    parts = [f"{fastest} is fastest ({medians[fastest]:.2f} s)"]
    if costs:
        cheapest = min(costs, key=costs.__getitem__)
        parts.append(f"{cheapest} is cheapest ({dollars(costs[cheapest])})")
    if errors:
        closest = min(errors, key=errors.__getitem__)
        parts.append(f"{closest} counts best (off by {errors[closest]:.1f} people an image)")
    return f"For these {images} images {', '.join(parts)}.{left_out}"


def kept_time(infos: Infos, seconds: Seconds) -> list[str]:
    """Return how well a replay kept the recorded time; nothing for a run that was no replay."""
    pairs = [
        (now, then)
        for name, info in infos.items()
        if info["timing"] == "replayed"
        for now, then in zip(seconds[name], info["recorded_seconds"], strict=True)
        if then is not None
    ]
    if not pairs:
        return []
    total_now, total_then = (sum(column) for column in zip(*pairs, strict=True))
    worst = max((now / then - 1 for now, then in pairs if then), key=abs, default=0.0)
    ratio = f"ratio {total_now / total_then:.5f}; the round furthest off by {worst:+.3%}"
    return [f"The clock shows {total_now:,.2f} s of {total_then:,.2f} s recorded ({ratio})."]


def off_by(info: Mapping[str, Any]) -> str:
    """Say by how many people an image the counts are off on average."""
    error = info["mean_absolute_error"]
    return "-" if error is None else f"{error:.1f}"


def number(value: int | None) -> str:
    """Show a number that may be missing."""
    return "-" if value is None else str(value)


def _worst(image: str, people: Mapping[str, int], infos: Iterable[Mapping[str, Any]]) -> int:
    answers: list[int | None] = [info["answers"].get(image) for info in infos]
    numbers = [answer for answer in answers if answer is not None]
    if len(numbers) < len(answers):
        return sys.maxsize
    return max(abs(each - people.get(image, each)) for each in numbers)
