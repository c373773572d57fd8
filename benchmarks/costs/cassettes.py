"""`python -m benchmarks.costs.cassettes`: CPU time to load and to replay cassettes, for this suite and for stock vcrpy.

Images of 2 KB show how the cost grows with the number of interactions; images of 226 KB are used for the comparison.
It takes about two minutes, mostly for the largest cassette of stock vcrpy.
"""

import gc
import json
import os
import platform
import random
import sys
import tempfile
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from vcr import matchers
from vcr.cassette import Cassette as VcrCassette
from vcr.record_mode import RecordMode
from vcr.request import Request

from benchmarks.costs.command_line import take_no_arguments
from benchmarks.scaling.instant_server import make_response
from fixtures.exchange.reply import Reply
from fixtures.exchange.sent import Sent, find_resource
from fixtures.recordings.cassette import Cassette
from fixtures.recordings.metadata import Metadata
from fixtures.tasks.question import COUNT_PEOPLE

SMALL, LARGE = 2_000, 226_000
"""The size of an image in bytes."""
GROWTH_COUNTS = (100, 1_000, 10_000)
"""The numbers of interactions that show how the cost of this suite grows."""
STOCK_COUNTS = (40, 160)
"""The numbers of interactions for stock vcrpy, which compares each request with every recording."""
REPETITIONS = 3
"""The number of measurements of this suite; stock vcrpy, which is much slower, is measured once."""

MOST_MILLISECONDS = 2.0
"""The aim for the CPU milliseconds per interaction."""
MOST_GROWTH = 1.3
"""The aim for the ratio of this cost at ten times as many interactions."""
LEAST_SPEEDUP = 200.0
"""The aim for the ratio of stock vcrpy's cost to this suite's."""

URI = "http://simulator/v1/models/some-model:generateContent"
HEADERS = {"content-type": "application/json"}
MATCH_ON = (matchers.method, matchers.path, matchers.body)


@dataclass(frozen=True)
class ReplayCost:
    """The cost of an interaction."""

    load: float
    """CPU milliseconds to load it."""
    replay: float
    """CPU milliseconds to replay it once."""
    size: float
    """Its size in the file in bytes."""

    @property
    def both(self) -> float:
        """CPU milliseconds to load it once and to replay it once."""
        return self.load + self.replay


def make_request(image: bytes) -> bytes:
    """Return a question about one image, byte for byte as the SDK sends it."""
    inline = {"data": urlsafe_b64encode(image).decode(), "mime_type": "image/jpeg"}
    parts = [{"inlineData": inline}, {"text": COUNT_PEOPLE["question"]}]
    return json.dumps({"contents": [{"parts": parts, "role": "user"}]}).encode()


def make_requests(count: int, size: int) -> list[bytes]:
    """Return the bodies of requests about distinct images of this size."""
    draw = random.Random(size)
    return [make_request(b"\xff\xd8\xff" + draw.randbytes(size - 3)) for _ in range(count)]


def make_sent(content: bytes) -> Sent:
    """Return a request as the transport makes it, not parsed yet."""
    return Sent("POST", find_resource(urlsplit(URI).path), content)


def write_suite(path: Path, contents: Sequence[bytes]) -> None:
    """Write this suite's cassette of one round."""
    cassette = Cassette.open_to_record(path, "simulator")
    headers = (("server-timing", "gfet4t7; dur=2299"), ("content-type", "application/json; charset=UTF-8"))
    for number, content in enumerate(contents):
        cassette.record(make_sent(content), URI, HEADERS, Reply(200, headers, make_response(number), 2.3), 2.3 * number)
    time, seconds = "2026-11-23T00:00:00+00:00", 2.3 * len(contents)
    cassette.save(Metadata(model="some-model", source="simulator", recorded_at=time, rounds=[seconds]))


def write_stock(path: Path, contents: Sequence[bytes]) -> None:
    """Write stock vcrpy's cassette."""
    headers = {"server-timing": ["gfet4t7; dur=2299"], "content-type": ["application/json; charset=UTF-8"]}
    with VcrCassette.use(path=path, match_on=MATCH_ON) as cassette:
        for number, content in enumerate(contents):
            body = {"string": make_response(number)}
            response = {"status": {"code": 200, "message": "OK"}, "headers": headers, "body": body}
            cassette.append(Request("POST", URI, content, HEADERS), response)


def measure_cassette(
    path: Path, contents: Sequence[bytes], load: Callable[[Path], Callable[[bytes], object]]
) -> ReplayCost:
    """Load a cassette and replay every request once; a request that is not found raises an error."""
    gc.collect()  # so that garbage of an earlier measurement is not collected during this one
    started = time.process_time()
    play = load(path)
    loaded = time.process_time()
    for content in contents:
        play(content)
    replayed = time.process_time()
    count = len(contents)
    return ReplayCost(
        1000 * (loaded - started) / count, 1000 * (replayed - loaded) / count, path.stat().st_size / count
    )


def load_suite(path: Path) -> Callable[[bytes], object]:
    """Load this suite's cassette; return the function that replays a request."""
    cassette = Cassette.open_to_replay(path)
    return lambda content: cassette.play(make_sent(content))


def load_stock(path: Path) -> Callable[[bytes], object]:
    """Load stock vcrpy's cassette; return the function that replays a request, in the two steps of its httpx stub."""
    cassette = VcrCassette.load(path=path, match_on=MATCH_ON, record_mode=RecordMode.NONE)

    def play(content: bytes) -> object:
        request = Request("POST", URI, content, HEADERS)
        if not cassette.can_play_response_for(request):
            raise LookupError(f"stock vcrpy has no recording in {path}")
        return cassette.play_response(request)

    return play


def measure_suite(folder: Path, counts: Sequence[int], size: int) -> dict[int, ReplayCost]:
    """Return the cost of this suite by the number of interactions: medians of interleaved repetitions."""
    contents = make_requests(max(counts), size)
    for count in counts:
        write_suite(folder / f"suite-{size}-{count}.yaml", contents[:count])
    runs = [
        {
            count: measure_cassette(folder / f"suite-{size}-{count}.yaml", contents[:count], load_suite)
            for count in counts
        }
        for _ in range(REPETITIONS)
    ]
    return {
        count: ReplayCost(
            median(run[count].load for run in runs),
            median(run[count].replay for run in runs),
            runs[0][count].size,
        )
        for count in counts
    }


def measure_stock(folder: Path, counts: Sequence[int], size: int) -> dict[int, ReplayCost]:
    """Return the cost of stock vcrpy by the number of interactions."""
    contents = make_requests(max(counts), size)
    costs = {}
    for count in counts:
        path = folder / f"stock-{count}.yaml"
        write_stock(path, contents[:count])
        costs[count] = measure_cassette(path, contents[:count], load_stock)
    return costs


def print_costs(title: str, costs: Mapping[int, ReplayCost]) -> None:
    """Print one line per cassette."""
    for count, cost in costs.items():
        milliseconds = f"{cost.load:9.3f}  {cost.replay:9.3f}  {cost.both:9.3f}"
        print(f"{title:19}  {count:12,}  {milliseconds}  {cost.size:10,.0f}", flush=True)


def print_aim(text: str, *, met: bool) -> None:
    """Print whether an aim was met."""
    print(f"{'met   ' if met else 'MISSED'}  {text}")


def main() -> int:
    """Print the costs, the ratios and the aims."""
    take_no_arguments("cassettes", __doc__)
    print(f"CPU milliseconds and bytes per interaction (Python {platform.python_version()}, {os.cpu_count()} cores)")
    print(f"{'':19}  interactions  {'load':>9}  {'replay':>9}  {'both':>9}  {'bytes':>10}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small = measure_suite(folder, GROWTH_COUNTS, SMALL)
        print_costs("suite, 2 KB images", small)
        large = measure_suite(folder, STOCK_COUNTS, LARGE)
        print_costs("suite, 226 KB", large)
        stock = measure_stock(folder, STOCK_COUNTS, LARGE)
        print_costs(f"vcrpy {version('vcrpy')}, 226 KB", stock)
    for count in STOCK_COUNTS:
        theirs, ours = stock[count], large[count]
        ratios = f"{theirs.load / ours.load:9.1f}  {theirs.replay / ours.replay:9.1f}  {theirs.both / ours.both:9.1f}"
        print(f"{'vcrpy / suite':19}  {count:12,}  {ratios}  {theirs.size / ours.size:10.1f}")
    usual, most, more = GROWTH_COUNTS[-2], GROWTH_COUNTS[-1], STOCK_COUNTS[-1]
    growth, speedup = small[most].both / small[usual].both, stock[more].both / large[more].both
    print_aim(
        f"at most {MOST_MILLISECONDS:g} ms per interaction at {most:,}: {small[most].both:.3f}",
        met=small[most].both <= MOST_MILLISECONDS,
    )
    print_aim(f"at {most:,} at most {MOST_GROWTH:g} times that at {usual:,}: {growth:.2f}", met=growth <= MOST_GROWTH)
    print_aim(
        f"at least {LEAST_SPEEDUP:g} times faster than vcrpy at {more}: {speedup:.0f}", met=speedup >= LEAST_SPEEDUP
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
