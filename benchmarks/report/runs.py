"""Runs as the report sees them: from the run just made or from stored files, in groups that may be compared."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fixtures.errors import RunError

NUMBER = (int, float)
TYPES: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("strategy", "model", "image_set", "timing", "source", "sdk", "model_version", "priced_on"), str),
    **dict.fromkeys(("recorded_at",), (str, type(None))),
    **dict.fromkeys(("recorded_seconds", "answers_by_round", "spans"), list),
    **dict.fromkeys(("settings", "people", "answers", "errors"), dict),
    **dict.fromkeys(("images", "exact", "requests", "retries"), int),
    **dict.fromkeys(("input_tokens", "image_tokens", "output_tokens", "thoughts_tokens"), int),
    **dict.fromkeys(("backoff_seconds", "client_cpu_seconds", "server_seconds"), NUMBER),
    **dict.fromkeys(("mean_absolute_error", "first_token_seconds", "cost_usd"), (*NUMBER, type(None))),
}
"""Of `extra_info`, what is drawn, and what it has to be."""


@dataclass(frozen=True)
class Group:
    """The strategies of one model on one image set, all replayed or all live, from one source."""

    title: str
    seconds: dict[str, list[float]]
    """Of each round, by strategy."""
    infos: dict[str, dict[str, Any]]
    """`extra_info` by strategy."""

    @property
    def first(self) -> dict[str, Any]:
        """What all have in common: model, image set, timing, source, people."""
        return next(iter(self.infos.values()))

    @property
    def caption(self) -> str:
        """Whose figures these are, in one line."""
        model, image_set = (shortened(self.first[name], 24) for name in ("model", "image_set"))
        source = {"gemini": "Gemini", "simulator": "the simulator"}.get(self.first["source"], "another server")
        how = "replayed, recorded from" if self.first["timing"] == "replayed" else "live, from"
        return f"{model}, {image_set}: {how} {source}"

    @property
    def slug(self) -> str:
        """What its files' names begin with."""
        kept = "".join(letter if letter.isalnum() else "-" for letter in self.title)
        return "-".join(filter(None, kept.split("-")))


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


def stored(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """Read the benchmarks of stored runs, oldest run first; raise `RunError` where one cannot be read."""
    documents = [_document(path) for path in paths]
    documents.sort(key=lambda document: str(document.get("datetime", "")))
    return [benchmark for document in documents for benchmark in document["benchmarks"]]


def _document(path: Path) -> dict[str, Any]:
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RunError(f"{path} cannot be read ({error.strerror}); name a stored run.") from None
    except (ValueError, RecursionError) as error:
        raise RunError(f"{path} is damaged ({error!s:.100}); name another stored run.") from None
    benchmarks = document.get("benchmarks") if isinstance(document, dict) else None
    if not isinstance(benchmarks, list) or not benchmarks:
        raise RunError(f"{path} holds no benchmarks; name a run stored with --benchmark-json or --benchmark-autosave.")
    for benchmark in benchmarks:
        _check(path, benchmark)
    return document  # type: ignore[no-any-return]


def _check(path: Path, benchmark: Any) -> None:
    info = benchmark.get("extra_info") if isinstance(benchmark, dict) else None
    if not isinstance(info, dict):
        raise RunError(f"{path} is not a run of this suite (it lacks extra_info).")
    if lacking := sorted(set(TYPES) - set(info)):
        raise RunError(f"{path} is not a run of this suite, or an older one (it lacks {', '.join(lacking[:3])}).")
    stats = benchmark.get("stats")
    seconds = stats.get("data") if isinstance(stats, dict) else None
    if not isinstance(seconds, list) or not seconds or not all(isinstance(each, NUMBER) for each in seconds):
        raise RunError(f"{path} holds no raw rounds; store it with this suite, which keeps them.")
    wrong = [name for name, kind in TYPES.items() if not isinstance(info[name], kind)]
    rounds = info["answers_by_round"]
    if not wrong and (len(rounds) != len(seconds) or not all(isinstance(each, dict) for each in rounds)):
        wrong = ["answers_by_round"]
    if not wrong and not all(_is_span(span) for span in info["spans"]):
        wrong = ["spans"]
    if wrong:
        raise RunError(f"{path} is damaged (in extra_info: {', '.join(wrong[:3])}); name another stored run.")


def _is_span(span: Any) -> bool:
    """Tell whether this is `[start, end, status, image names]`."""
    kinds: tuple[Any, ...] = (NUMBER, NUMBER, int, list)
    return (
        isinstance(span, list)
        and len(span) == len(kinds)
        and all(isinstance(part, kind) for part, kind in zip(span, kinds, strict=True))
    )


def grouped(benchmarks: Sequence[Mapping[str, Any]]) -> list[Group]:
    """Put benchmarks together that may be compared; of the same strategy twice, the later one is taken."""
    groups: dict[tuple[str, ...], Group] = {}
    for benchmark in benchmarks:
        info, seconds = benchmark["extra_info"], benchmark["stats"]["data"]
        key = tuple(str(info[name]) for name in ("model", "image_set", "timing", "source"))
        group = groups.setdefault(key, Group("", {}, {}))
        group.infos[info["strategy"]] = info
        group.seconds[info["strategy"]] = seconds
    titles = [f"{model}, {image_set}" for model, image_set, _, _ in groups]
    named = []
    for (model, image_set, timing, source), group in groups.items():
        title = f"{model}, {image_set}"
        # Of the same model and images there may be replayed and live runs, which never share a figure.
        unique = title if titles.count(title) == 1 else f"{title}, {timing}, {source}"
        named.append(Group(unique, group.seconds, group.infos))
    return named
