"""How often the verdicts on live runs cry wolf, and what they see, beside what is commonly used.

    python -m benchmarks.costs.calibration [TRIALS]

Seconds of rounds are drawn: lognormal (standard deviation 0.3 of the logarithm), one in twenty 2 to 6 times as long,
and sessions drift (standard deviation 0.15 or 0.30). Of each method: how often it says "slower" when nothing has
changed, and when all rounds of the last session take 1.2, 1.5 and 2 times as long.

`mean:10%` is pytest-benchmark's gate, against the last run; `pooled t` and `Mann-Whitney` are one-sided at 5 % and take
the rounds of all earlier sessions for one sample. A method that cries wolf sees much, so it is shown again with a
threshold that it would need to keep to 5 %: one for all settings, as nobody knows theirs, and one chosen for
each setting, which needs the drift to be known.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import median

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.history.change_points import since_last_change
from benchmarks.verdicts import inference
from benchmarks.verdicts.judging import LEAST_LIVE, LEAST_REPLAYED
from benchmarks.verdicts.ratios import LEAST_SESSIONS, Word, word

Array = NDArray[np.float64]
FACTORS = (1.0, 1.2, 1.5, 2.0)
RATE = 0.05
SPREAD = 0.3
TAIL = 0.05


@dataclass(frozen=True)
class Setting:
    """What a verdict has to go by."""

    drift: float
    """Standard deviation of the logarithm between sessions."""
    sessions: int
    """Earlier ones."""
    rounds: int

    def __str__(self) -> str:
        """Tell it in a line."""
        return f"{self.sessions} earlier sessions, {self.rounds} rounds each, drift {self.drift:.2f}"

    def draw(self, trials: int, seed: int) -> Array:
        """Return logarithms of seconds: trial, session (the last one is now), round."""
        draws = np.random.default_rng(seed)
        shape = (trials, self.sessions + 1, self.rounds)
        slow = np.where(draws.random(shape) < TAIL, np.log(draws.uniform(2, 6, shape)), 0.0)
        return np.asarray(draws.normal(0, SPREAD, shape) + slow + draws.normal(0, self.drift, (*shape[:2], 1)))


def mean_of_last(now: Array, earlier: Array) -> Array:
    """Return pytest-benchmark's ratio of means, now by the last stored run."""
    return np.asarray(np.exp(now).mean(axis=-1) / np.exp(earlier[:, -1]).mean(axis=-1))


def pooled_t(now: Array, earlier: Array) -> Array:
    """Return Student's t of all rounds, which takes them for independent."""
    return np.asarray(stats.ttest_ind(np.exp(now), np.exp(earlier).reshape(len(now), -1), axis=1).statistic)


def mann_whitney(now: Array, earlier: Array) -> Array:
    """Return the z of Mann and Whitney's test, which takes all rounds for independent."""
    tested = stats.mannwhitneyu(now, earlier.reshape(len(now), -1), axis=1, alternative="greater", method="asymptotic")
    return np.asarray(stats.norm.isf(tested.pvalue))


OTHERS: dict[str, tuple[Callable[[Array, Array], Array], Callable[[Setting], float]]] = {
    "mean:10%": (mean_of_last, lambda _: 1.10),
    "pooled t": (pooled_t, lambda setting: float(stats.t.isf(RATE, (setting.sessions + 1) * setting.rounds - 2))),
    "Mann-Whitney": (mann_whitney, lambda _: float(stats.norm.isf(RATE))),
}


def against_history(now: Sequence[float], earlier: Sequence[Sequence[float]]) -> Word:
    """Give the verdict of a live session against its history, of a long one since its last change point."""
    first = since_last_change([median(rounds) for rounds in earlier])
    level = earlier[first:]
    return Word.CANNOT_TELL if len(level) < LEAST_SESSIONS else word(inference.session_ratio(now, level), LEAST_LIVE)


def against_recording(now: Sequence[float], earlier: Sequence[Sequence[float]]) -> Word:
    """Give the verdict of a recording against the one before."""
    return word(inference.with_drift(inference.sample_ratio(now, earlier[0])[0]), LEAST_REPLAYED)


def against_strategy(now: Sequence[float], earlier: Sequence[Sequence[float]]) -> Word:
    """Give the verdict of one strategy against another one in the same session."""
    ratio, p = inference.sample_ratio(now, earlier[0])
    return Word.SLOWER if p <= inference.SIGNIFICANT and ratio.value > 1 else Word.SAME


def shares(verdict: Callable[[Sequence[float], Sequence[Sequence[float]]], Word], drawn: Array) -> list[float]:
    """Return how often a verdict is "slower", by factor."""
    found = []
    for factor in FACTORS:
        seconds = np.exp(drawn)
        seconds[:, -1] *= factor
        found.append(sum(verdict(each[-1], each[:-1]) is Word.SLOWER for each in seconds) / len(seconds))
    return found


def report(
    title: str,
    verdict: Callable[[Sequence[float], Sequence[Sequence[float]]], Word],
    settings: Sequence[Setting],
    trials: int,
) -> None:
    """Print a section: the verdict and the other methods in every setting."""
    print(f"\n{title}\n")
    draws = {setting: setting.draw(trials, seed) for seed, setting in enumerate(settings)}
    values = {
        (name, setting): [statistic(drawn[:, -1] + np.log(factor), drawn[:, :-1]) for factor in FACTORS]
        for setting, drawn in draws.items()
        for name, (statistic, _) in OTHERS.items()
    }
    chosen = {key: float(np.quantile(unchanged[0], 1 - RATE)) for key, unchanged in values.items()}
    for setting, drawn in draws.items():
        print(setting)
        print(f"  {'':42}{'false alarms':>13}" + "".join(f"{f'sees x{factor}':>10}" for factor in FACTORS[1:]))
        _line("verdict", shares(verdict, drawn))
        for name, (_, usual) in OTHERS.items():
            common = max(threshold for (other, _), threshold in chosen.items() if other == name)
            for how, threshold in (
                ("", usual(setting)),
                (", 5 % in all of these settings", common),
                (", 5 % in this setting", chosen[name, setting]),
            ):
                _line(name + how, [float((value > threshold).mean()) for value in values[name, setting]])


def _line(name: str, found: Sequence[float]) -> None:
    print(f"  {name:42}{found[0]:13.1%}" + "".join(f"{each:10.1%}" for each in found[1:]))


def main() -> None:
    """Print what each method says."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    print(f"{trials:,} trials a setting")
    history = [Setting(*each) for each in product((0.15, 0.30), (5, 10, 20), (5, 10))]
    report("A live session against its history", against_history, history, trials)
    two = [Setting(0.15, 1, rounds) for rounds in (6, 8)]
    report("A recording against the one before", against_recording, two, trials)
    same = [Setting(0.0, 1, rounds) for rounds in (6, 8)]
    report("Two strategies in one live session, whose drift they share", against_strategy, same, trials)


if __name__ == "__main__":
    main()
