"""Runs as the report sees them: from the run just made or from stored files, in groups that may be compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.history.sessions import read


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
        return f"{shortened(self.first['model'], 24)}, {shortened(self.first['image_set'], 24)}: {origin(self.first)}"

    @property
    def slug(self) -> str:
        """What its files' names begin with."""
        return slug_of(self.title)


def slug_of(title: str) -> str:
    """Return what the names of files begin with that show something of this title."""
    kept = "".join(letter if letter.isalnum() else "-" for letter in title)
    return "-".join(filter(None, kept.split("-")))


def origin(info: Mapping[str, Any]) -> str:
    """Say in a few words where a benchmark's figures come from."""
    if projected := info.get("projected"):
        return f"in virtual time, projected from {projected['requests']} recorded requests"
    source = {"gemini": "Gemini", "simulator": "the simulator"}.get(info["source"], "another server")
    hows = {"replayed": "replayed, recorded from", "virtual": "in virtual time, by"}
    return f"{hows.get(info['timing'], 'live, from')} {source}"


def is_race(benchmark: Mapping[str, Any]) -> bool:
    """Tell whether a benchmark is a strategy on an image set, which others share; questions about scale stand apart."""
    return "scaling" not in benchmark["extra_info"]


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


def stored(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """Read the benchmarks of stored runs, oldest run first; raise `RunError` where one cannot be read."""
    sessions = sorted(map(read, paths), key=lambda session: session.time)
    return [benchmark for session in sessions for benchmark in session.benchmarks.values()]


def key(info: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what has to be the same for benchmarks to stand in one figure."""
    return tuple(str(info[name]) for name in ("model", "image_set", "timing", "source"))


def grouped(benchmarks: Sequence[Mapping[str, Any]]) -> list[Group]:
    """Put benchmarks together that may be compared; of the same strategy twice, the later one is taken."""
    groups: dict[tuple[str, ...], Group] = {}
    for benchmark in filter(is_race, benchmarks):
        info, seconds = benchmark["extra_info"], benchmark["stats"]["data"]
        group = groups.setdefault(key(info), Group("", {}, {}))
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
