"""How often the order of rounds makes equal strategies look different when the server becomes slower.

Ten strategies are equal: the seconds of their rounds come from the same lognormal distribution (standard deviation of
the logarithm 0.3). The server's latency doubles linearly from the start to the end of the session. The rounds are
interleaved, in a random order within each block, or run strategy by strategy. The script prints the share of strategies
that the comparison calls slower than another one, although all are equal; it should be at most 5 %.
"""

import sys
from random import Random

from benchmarks.costs.command_line import read_trials
from benchmarks.verdicts.ties import compare_seconds
from fixtures.base.sources import Order
from fixtures.run.options.settings import DEFAULT_ROUNDS
from fixtures.run.rounds.turns import order_block

STRATEGIES = tuple(f"strategy {number}" for number in range(1, 11))
SPREAD = 0.3
"""The standard deviation of the logarithm of a round's seconds."""
GROWTH = 2.0
"""The ratio of the server's latency at the end of a session to that at its start."""


def list_runs(order: Order, session: int) -> list[str]:
    """Return the strategies in the order in which their rounds run in a session."""
    if order == "blocks":
        return [name for name in STRATEGIES for _ in range(DEFAULT_ROUNDS)]
    names = [f"{name}, {session}" for name in STRATEGIES]  # so that each session has its own order
    blocks = [order_block(names, number) for number in range(DEFAULT_ROUNDS)]
    return [name.rpartition(", ")[0] for block in blocks for name in block]


def draw_session(order: Order, growth: float, session: int) -> dict[str, list[float]]:
    """Return the seconds of each strategy's rounds in a session in which latency grows by this factor."""
    draws, runs = Random(session), list_runs(order, session)
    seconds: dict[str, list[float]] = {name: [] for name in STRATEGIES}
    for index, name in enumerate(runs):
        slower = 1 + (growth - 1) * index / (len(runs) - 1)
        seconds[name].append(slower * draws.lognormvariate(0, SPREAD))
    return seconds


def find_slower_share(order: Order, growth: float, trials: int) -> float:
    """Return the share of equal strategies, over so many sessions, that are called slower than another one."""
    found = (compare_seconds(draw_session(order, growth, session)) for session in range(trials))
    fastest = sum(len(each.list_fastest(STRATEGIES)) for each in found)
    return 1 - fastest / (trials * len(STRATEGIES))


def main() -> None:
    """Print the share of such strategies for both orders, with a constant and with a slowing server."""
    trials = read_trials("order", __doc__)
    sys.stdout.write(f"equal strategies called slower, {trials:,} sessions of {len(STRATEGIES)} strategies, ")
    sys.stdout.write(f"{DEFAULT_ROUNDS} rounds each\n{'':12} {'same speed':>12} {f'{GROWTH:g} times slower':>16}\n")
    orders: tuple[Order, ...] = ("interleaved", "blocks")
    for order in orders:
        shares = [find_slower_share(order, growth, trials) for growth in (1.0, GROWTH)]
        sys.stdout.write(f"{order:12} {shares[0]:12.1%} {shares[1]:16.1%}\n")


if __name__ == "__main__":
    main()
