"""What hardly varies, and so may not grow: requests, bytes, image tokens, cost, retries, missing answers."""

from datetime import UTC, datetime

from fixtures.exchange.usage import Tokens, add_known, price_tokens
from fixtures.run.record.record import Record
from fixtures.text.amounts import format_dollars

ROUNDING = 1.001
"""The factor up to which a cost has not grown: average tokens are rounded to whole ones, and what grows by less than
that is seen in the requests or the tokens."""


def find_growth(now: Record, then: Record, *, paired: bool) -> list[str]:
    """Return what has grown between two runs of a benchmark, a clause each; `paired`: over the same recording.

    Otherwise the server's failures and the model's thinking vary: then retries, errors and what they add are left out,
    and of the cost only the input counts.
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
    """Return a clause where the cost has grown, both at the prices of the earlier run's day."""
    if not paired and (now.is_troubled or then.is_troubled):
        return []
    day = datetime(then.priced_on.year, then.priced_on.month, then.priced_on.day, tzinfo=UTC)
    after, before = (_estimate_cost(record, day, paired=paired) for record in (now, then))
    if after is None or before is None or after <= before * ROUNDING:
        return []
    what = "cost" if paired else "cost of the input"
    return [f"{what} {format_dollars(after)} instead of {format_dollars(before)} (prices of {then.priced_on})"]


def _estimate_cost(record: Record, day: datetime, *, paired: bool) -> float | None:
    """Return US dollars for as many requests of the average size; None where the price or a size is not known."""
    requests = max(1, record.requests)
    output = add_known(record.output_tokens, record.thoughts_tokens) if paired else 0
    if record.input_tokens is None or output is None:
        return None
    average = Tokens(input=round(record.input_tokens / requests), output=round(output / requests))
    cost = price_tokens(record.model, [average], day)
    return None if cost is None else cost * requests
