"""Amounts that hardly vary and may not grow: requests, bytes, image tokens, cost, retries, missing answers."""

from datetime import UTC, datetime

from fixtures.exchange.usage import Tokens, add_known, price_tokens
from fixtures.run.record.record import Record
from fixtures.text.amounts import format_dollars

ROUNDING = 1.001
"""The ratio of costs up to which the cost counts as unchanged. It covers the rounding of average tokens; a smaller
increase shows in the requests or the tokens."""


def find_growth(now: Record, then: Record, *, paired: bool) -> list[str]:
    """Return a clause for each amount that has grown between two runs of a benchmark.

    `paired` is whether both replay the same recording. Otherwise the server's failures and the model's thinking vary:
    then retries, errors and the amounts they add are left out, and only the cost of the input is compared.
    """
    totals: list[tuple[str, int | None, int | None]] = [
        ("requests", now.requests, then.requests),
        ("bytes sent", now.bytes_sent, then.bytes_sent),
        ("image tokens", now.image_tokens, then.image_tokens),
    ]
    if paired:
        totals.append(("retries", now.retries, then.retries))
        totals.append(("images without an answer", len(now.errors), len(then.errors)))
    elif now.is_troubled or then.is_troubled:
        totals = [("requests without retries", now.requests - now.retries, then.requests - then.retries)]
    grown = [
        f"{name} {after:,} instead of {before:,}"
        for name, after, before in totals
        if after is not None and before is not None and after > before
    ]
    return grown + _find_cost_growth(now, then, paired=paired)


def _find_cost_growth(now: Record, then: Record, *, paired: bool) -> list[str]:
    """Return a clause if the cost has grown, with both costs at the prices of the earlier run's day."""
    if not paired and (now.is_troubled or then.is_troubled):
        return []
    day = datetime(then.priced_on.year, then.priced_on.month, then.priced_on.day, tzinfo=UTC)
    after, before = (_estimate_cost(record, day, paired=paired) for record in (now, then))
    if after is None or before is None or after <= before * ROUNDING:
        return []
    what = "cost" if paired else "cost of the input"
    return [f"{what} {format_dollars(after)} instead of {format_dollars(before)} (prices of {then.priced_on})"]


def _estimate_cost(record: Record, day: datetime, *, paired: bool) -> float | None:
    """Return the cost in US dollars of this number of requests of average size; None if a price or size is unknown."""
    requests = max(1, record.requests)
    output = add_known(record.output_tokens, record.thoughts_tokens) if paired else 0
    if record.input_tokens is None or output is None:
        return None
    average = Tokens(input=round(record.input_tokens / requests), output=round(output / requests))
    cost = price_tokens(record.model, [average], day)
    return None if cost is None else cost * requests
