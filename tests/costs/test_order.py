"""Equal strategies with rounds in turns or in blocks, on a server that gets slower."""

import pytest

from benchmarks.costs import order


def test_interleaved_rounds_keep_equal_strategies_tied_on_a_server_that_slows_down() -> None:
    """In blocks, over a quarter of equal strategies are called slower; interleaved or without drift, at most 5 %."""
    interleaved, blocks = (order.find_slower_share(each, 2.0, 100) for each in ("interleaved", "blocks"))
    assert interleaved <= 0.05
    assert blocks >= 0.25
    assert order.find_slower_share("interleaved", 1.0, 100) <= 0.05


def test_either_order_runs_every_strategy_as_often() -> None:
    """Both orders have the same runs, and each session in turns has an order of its own."""
    one, other = (order.list_runs("interleaved", session) for session in (0, 1))
    assert sorted(one) == sorted(other) == sorted(order.list_runs("blocks", 0))
    assert one != other


def test_the_table_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """There is a row for each order."""
    monkeypatch.setattr("sys.argv", ["order", "20"])
    order.main()
    head, columns, *rows = capsys.readouterr().out.splitlines()
    assert head == "equal strategies called slower, 20 sessions of 10 strategies, 6 rounds each"
    assert columns.split("  ")[-1].strip() == "2 times slower"
    assert [row.split()[0] for row in rows] == ["interleaved", "blocks"]
