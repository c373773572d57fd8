"""A record keeps the phases of its requests; older records have none, and invalid ones are refused."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fixtures.exchange.reply import Exchange, Phases
from fixtures.recordings.cassette import Cassette
from fixtures.run.record.benchmark import read_benchmark
from fixtures.run.record.round import Round
from tests.helpers.exchanges import QUESTION, make_answer, make_exchange
from tests.helpers.metadata import make_metadata
from tests.helpers.runs import make_benchmark, read_made
from tests.run.test_building import build

KNOWN = Phases(0.1000004, 0.2, 0.6, 0.1)
SPANS = [[0.0, 4.0, 200, ["a.jpg"]], [4.0, 4.0, 200, []], [4.5, 5.5, 599, ["b.jpg"]]]


def ask(phases: Phases | None) -> Exchange:
    """Return an exchange of one second with these phases."""
    made = make_exchange(QUESTION, {}, 0.0, 1.0, make_answer("v1"))
    return replace(made, reply=replace(made.reply, phases=phases))


@pytest.mark.parametrize(
    ("phases", "stored"),
    [
        ([KNOWN, None], [[0.1, 0.2, 0.6, 0.1], None]),
        ([None, None], None),
        ([], None),
    ],
)
def test_a_record_has_the_phases_of_its_median_round(phases: list[Phases | None], stored: object) -> None:
    """Phases are stored in the order of the requests, to the microsecond; if none is known, nothing is stored."""
    record = build(rounds=[Round([], [ask(each) for each in phases], 0.0)], seconds=[1.0], recorded=[1.0])
    document = json.loads(json.dumps(record.dump()))
    assert document.get("phases") == stored
    benchmark = {"fullname": "x", "extra_info": document, "stats": {"data": [1.0]}}
    assert read_benchmark(benchmark).record.phases == record.phases == ([Phases(*stored[0]), None] if stored else [])  # type: ignore[index]


@pytest.mark.parametrize(
    ("phases", "expected"),
    [
        ([[1.0, 1.0, 1, 1.0], None, [0.25, 0.25, 0.25, 0.25]], True),
        ([[1.0, 1.0, 1, 1.0], [0.0, 0.0, 0.0, 0.0], None], False),
        ([None, None, None], False),
        ([], False),
    ],
)
def test_phases_are_known_where_no_request_that_took_time_lacks_them(phases: list[Any], *, expected: bool) -> None:
    """Only a request that took no time, such as a poll, may lack its phases."""
    assert read_made("files", spans=SPANS, phases=phases).record.has_phases is expected


def test_what_was_stored_without_phases_has_none(tmp_path: Path) -> None:
    """Records and cassettes of an earlier version have no phases."""
    document = make_benchmark("files")
    assert "phases" not in document["extra_info"]
    assert read_benchmark(document).record.phases == []
    sent = ask(None).sent
    cassette = Cassette.open_to_record(tmp_path / "c.yaml", "test")
    cassette.record(sent, "http://x/v1/models/m:generateContent", {}, ask(None).reply, 0.0)
    cassette.save(make_metadata([1.0]))
    assert "phases" not in (tmp_path / "c.yaml").read_text(encoding="utf-8")
    reply = Cassette.open_to_replay(tmp_path / "c.yaml").play(sent)
    assert reply is not None
    assert reply.phases is None


@pytest.mark.parametrize(
    "phases",
    [
        5,
        [[1.0, 1.0, 1.0, 1.0]],
        [[1.0, 1.0, 2.0], None, None],
        [[1.0, 1.0, 1.0, 0.9], None, None],
        [[5.0, -1.0, 0.0, 0.0], None, None],
        [[4.0, 0.0, 0.0, math.nan], None, None],
        [["4", 0.0, 0.0, 0.0], None, None],
    ],
)
def test_phases_that_cannot_be_right_are_damage(phases: object) -> None:
    """Phases that are too few, negative, not numbers or do not add up to the request's seconds are refused."""
    with pytest.raises(ValueError, match=r"^is damaged \(in extra_info: phases\)$"):
        read_made("files", spans=SPANS, phases=phases)
