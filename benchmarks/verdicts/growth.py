"""What hardly varies, and so may not grow: requests, bytes, image tokens, cost, retries, errors."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fixtures.exchange.usage import Tokens, cost_usd
from fixtures.text.tables import dollars

ROUNDING = 1.001
"""Of average tokens to whole ones; what grows by less is seen in the requests or the tokens."""
Info = Mapping[str, Any]
"""A benchmark's `extra_info`."""


def growth(now: Info, then: Info, *, paired: bool) -> list[str]:
    """Name what has grown between two runs of a benchmark, each in a few words; `paired`: over the same recording.

    Otherwise the server's failures and the model's thinking vary: then retries, errors and what they add are left out,
    and of the cost only the input counts.
    """
    counted = [("requests", "requests"), ("bytes_sent", "bytes sent"), ("image_tokens", "image tokens")]
    if paired:
        counted.append(("retries", "retries"))
        pairs = [(called, now[name], then[name]) for name, called in counted]
        pairs.append(("images without a number", len(now["errors"]), len(then["errors"])))
    elif _troubled(now) or _troubled(then):
        pairs = [("requests without retries", now["requests"] - now["retries"], then["requests"] - then["retries"])]
    else:
        pairs = [(called, now[name], then[name]) for name, called in counted]
    grown = [f"{called} {after:,} instead of {before:,}" for called, after, before in pairs if after > before]
    return grown + _cost(now, then, paired=paired)


def _troubled(info: Info) -> bool:
    return bool(info["retries"] or info["errors"])


def _cost(now: Info, then: Info, *, paired: bool) -> list[str]:
    """Compare the cost at the prices of the earlier run's day."""
    if not paired and (_troubled(now) or _troubled(then)):
        return []
    day = datetime.fromisoformat(then["priced_on"]).replace(tzinfo=UTC)
    after, before = (_estimated(info, day, paired=paired) for info in (now, then))
    if after is None or before is None or after <= before * ROUNDING:
        return []
    what = "cost" if paired else "cost of the input"
    return [f"{what} {dollars(after)} instead of {dollars(before)} (prices of {then['priced_on']})"]


def _estimated(info: Info, day: datetime, *, paired: bool) -> float | None:
    """Return US dollars: as many requests of the average size; None where the price is not known."""
    requests = max(1, info["requests"])
    spoken = info["output_tokens"] + info["thoughts_tokens"] if paired else 0
    average = Tokens(input=round(info["input_tokens"] / requests), output=round(spoken / requests))
    cost = cost_usd(info["model"], [average], day)
    return None if cost is None else cost * requests
