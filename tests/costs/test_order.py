"""Equal strategies with rounds in turns or in blocks, on a server that gets slower."""

import pytest

from benchmarks.costs import order


def test_turns_keep_equal_strategies_alike_where_the_server_gets_slower() -> None:
    """In blocks, equal strategies are told apart in most sessions with drift; in turns, and without drift, in few."""
    turns, blocks = (order.count_told_apart(each, 2.0, 100) for each in ("interleaved", "blocks"))
    assert turns <= 12
    assert blocks >= 70
    assert order.count_told_apart("interleaved", 1.0, 100) <= 12


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
    assert head == "equal strategies told apart, 20 sessions of 10 strategies, 6 rounds each"
    assert columns.split("  ")[-1].strip() == "2 times slower"
    assert [row.split()[0] for row in rows] == ["interleaved", "blocks"]
