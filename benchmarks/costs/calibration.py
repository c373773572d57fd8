"""The false alarm rates and the power of the verdicts on live runs, compared with common methods.

The seconds of rounds are lognormal (standard deviation of the logarithm 0.3), one round in twenty takes 2 to 6 times as
long, and sessions drift (standard deviation of the logarithm 0.15 or 0.30). For each method the script prints how often
it says "slower" when nothing has changed, and when all rounds of the last session take 1.2, 1.5 and 2 times as long.

`mean:10%` is pytest-benchmark's gate, against the last run; `pooled t` and `Mann-Whitney` are one-sided at 5 % and pool
the rounds of all earlier sessions. A method with many false alarms also detects many changes, so each is also shown
with the threshold that keeps its false alarms at 5 %: one threshold for all settings of a section, and one for each
setting, which requires knowing the drift. Below each section are the settings in which a method with one threshold for
all settings detects more than the verdict.

The next sections show how often each verdict is given, and how often it is wrong: "slower" and "faster" when nothing
changed or when the opposite is true, and "same" when the level changed by 20 % or more. "estimate" is how often the
ratio without its interval is below the threshold. The last section shows how often an unchanged level is called the
same with as many sessions as the verdict asks for.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.costs.command_line import read_trials
from benchmarks.history.levels import LEAST_LIVE, POWER, compare_levels, count_needed_sessions
from benchmarks.verdicts.judging import LEAST_REPLAYED
from benchmarks.verdicts.seconds import inference
from benchmarks.verdicts.seconds.ratios import SIGNIFICANT, Finding, classify_sampled

Array = NDArray[np.float64]
FACTORS = (1.0, 1.2, 1.5, 2.0)
"""The factors on the seconds of the last session."""
RATE = 0.05
"""The highest rate of false alarms that a method should have."""
SPREAD = 0.3
"""The standard deviation of the logarithm of the seconds within a session."""
TAIL = 0.05
"""The share of rounds that take 2 to 6 times as long."""
ROUNDS = 5
"""The number of rounds per session in the sections about single verdicts."""
VERDICT_SESSIONS = 10
"""The number of earlier sessions in the section about verdicts."""
FINDINGS = (Finding.SLOWER, Finding.FASTER, Finding.NO_CHANGE, Finding.SAME)
"""The possible verdicts on a session."""
VERDICT_FACTORS = (0.5, 1 / 1.2, 1.0, 1.2, 1.5, 2.0)
"""The factors on the seconds of the last session, or of the later half, in the sections about verdicts and levels."""
LEVEL_SESSIONS = (10, 20, 40, 80)
"""The numbers of sessions in the comparison of levels."""
Verdict = Callable[[Sequence[float], Sequence[Sequence[float]]], Finding]
"""Judges the seconds of the last session by those of the earlier ones."""


@dataclass(frozen=True)
class Setting:
    """The sessions that a verdict is based on."""

    drift: float
    """The standard deviation of the logarithm between sessions."""
    sessions: int
    """The number of earlier sessions."""
    rounds: int
    """The number of rounds in a session."""

    def __str__(self) -> str:
        """Return the setting as one line of text."""
        return f"{self.sessions} earlier sessions, {self.rounds} rounds each, drift {self.drift:.2f}"

    def draw(self, trials: int, seed: int) -> Array:
        """Return logarithms of seconds in three dimensions: trial, session (the last one is judged), round."""
        draws = np.random.default_rng(seed)
        shape = (trials, self.sessions + 1, self.rounds)
        slow = np.where(draws.random(shape) < TAIL, np.log(draws.uniform(2, 6, shape)), 0.0)
        return np.asarray(draws.normal(0, SPREAD, shape) + slow + draws.normal(0, self.drift, (*shape[:2], 1)))


def compare_means(now: Array, earlier: Array) -> Array:
    """Return pytest-benchmark's ratio of means, of the judged session and the last stored run."""
    return np.asarray(np.exp(now).mean(axis=-1) / np.exp(earlier[:, -1]).mean(axis=-1))


def find_pooled_t(now: Array, earlier: Array) -> Array:
    """Return Student's t of all rounds, assumed to be independent."""
    return np.asarray(stats.ttest_ind(np.exp(now), np.exp(earlier).reshape(len(now), -1), axis=1).statistic)


def find_mann_whitney_z(now: Array, earlier: Array) -> Array:
    """Return the z statistic of the Mann-Whitney test of all rounds, assumed to be independent."""
    tested = stats.mannwhitneyu(now, earlier.reshape(len(now), -1), axis=1, alternative="greater", method="asymptotic")
    return np.asarray(stats.norm.isf(tested.pvalue))


OTHERS: dict[str, tuple[Callable[[Array, Array], Array], Callable[[Setting], float]]] = {
    "mean:10%": (compare_means, lambda _: 1.10),
    "pooled t": (find_pooled_t, lambda setting: float(stats.t.isf(RATE, (setting.sessions + 1) * setting.rounds - 2))),
    "Mann-Whitney": (find_mann_whitney_z, lambda _: float(stats.norm.isf(RATE))),
}
"""The statistic of each other method, and the threshold that is commonly used in a setting."""


def judge_against_history(now: Sequence[float], earlier: Sequence[Sequence[float]]) -> Finding:
    """Return the verdict on a live session against its history, in which no session is called slower.

    `benchmarks.costs.alarms` simulates alarms, whose sessions are left out of the history.
    """
    return classify_sampled(inference.compare_session(now, earlier), LEAST_LIVE)


def judge_against_recording(now: Sequence[float], earlier: Sequence[Sequence[float]]) -> Finding:
    """Return the verdict on a recording against the previous one."""
    return classify_sampled(inference.widen_by_drift(inference.compare_samples(now, earlier[0])[0]), LEAST_REPLAYED)


def judge_against_strategy(now: Sequence[float], earlier: Sequence[Sequence[float]]) -> Finding:
    """Return the verdict on one strategy against another one in the same session."""
    ratio, p = inference.compare_samples(now, earlier[0])
    return Finding.SLOWER if p <= SIGNIFICANT and ratio.value > 1 else Finding.NO_CHANGE


def find_slower_shares(judge: Verdict, drawn: Array) -> list[float]:
    """Return the share of trials with the verdict "slower", for each factor."""
    found = []
    for factor in FACTORS:
        seconds = np.exp(drawn)
        seconds[:, -1] *= factor
        found.append(sum(judge(each[-1], each[:-1]) is Finding.SLOWER for each in seconds) / len(seconds))
    return found


def list_overtaken(verdict: Sequence[float], others: Mapping[str, Sequence[float]]) -> list[str]:
    """Return the factors at which another method detects more than the verdict, with both shares, as text."""
    return [
        f"{name} at x{factor} ({theirs:.1%}, the verdict {ours:.1%})"
        for name, shares in others.items()
        for factor, theirs, ours in zip(FACTORS[1:], shares[1:], verdict[1:], strict=True)
        if theirs > ours
    ]


def print_section(title: str, judge: Verdict, settings: Sequence[Setting], trials: int) -> None:
    """Print a section: the verdict and the other methods in every setting, and where the others detect more."""
    print(f"\n{title}\n")
    draws = {setting: setting.draw(trials, seed) for seed, setting in enumerate(settings)}
    values = {
        (name, setting): [statistic(drawn[:, -1] + np.log(factor), drawn[:, :-1]) for factor in FACTORS]
        for setting, drawn in draws.items()
        for name, (statistic, _) in OTHERS.items()
    }
    chosen = {key: float(np.quantile(unchanged[0], 1 - RATE)) for key, unchanged in values.items()}
    overtaken = {}
    for setting, drawn in draws.items():
        print(setting)
        print(f"  {'':42}{'false alarms':>13}" + "".join(f"{f'power x{factor}':>11}" for factor in FACTORS[1:]))
        verdict, kept = find_slower_shares(judge, drawn), {}
        _print_line("verdict", verdict)
        for name, (_, usual) in OTHERS.items():
            common = max(threshold for (other, _), threshold in chosen.items() if other == name)
            for how, threshold in (
                ("", usual(setting)),
                (", 5 % in all of these settings", common),
                (", 5 % in this setting", chosen[name, setting]),
            ):
                found = [float((value > threshold).mean()) for value in values[name, setting]]
                _print_line(name + how, found)
                if threshold == common:
                    kept[name] = found
        overtaken[setting] = list_overtaken(verdict, kept)
    _print_overtaken(overtaken)


def _print_overtaken(overtaken: Mapping[Setting, Sequence[str]]) -> None:
    ahead = sum(not each for each in overtaken.values())
    of = f"{ahead} of {len(overtaken)} settings"
    print(f"\nThe verdict detects more than every method with 5 % false alarms in all of these settings in {of}.")
    for setting, found in overtaken.items():
        if found:
            print(f"  {setting}, these detect more: {'; '.join(found)}")


def _print_line(name: str, found: Sequence[float]) -> None:
    print(f"  {name:42}{found[0]:13.1%}" + "".join(f"{each:11.1%}" for each in found[1:]))


def print_verdicts(title: str, judge: Verdict, setting: Setting, drawn: Array, least: float) -> None:
    """Print how often each verdict is given, one line per factor, then how often it is wrong."""
    print(f"\n{title}: {setting}\n")
    print(f"  {'the last session takes':24}" + "".join(f"{finding:>16}" for finding in FINDINGS) + f"{'estimate':>11}")
    shares = {}
    for factor in VERDICT_FACTORS:
        seconds = np.exp(drawn)
        seconds[:, -1] *= factor
        found = [judge(each[-1], each[:-1]) for each in seconds]
        middles = np.median(seconds[:, -1], axis=-1) / np.exp(np.log(np.median(seconds[:, :-1], axis=-1)).mean(axis=-1))
        near = float((np.abs(np.log(middles)) < np.log1p(least)).mean())
        shares[factor] = {finding: sum(each is finding for each in found) / len(found) for finding in FINDINGS}, near
        cells = "".join(f"{shares[factor][0][finding]:16.1%}" for finding in FINDINGS)
        print(f"  {f'x{factor:.2f}':24}{cells}{near:11.1%}")
    given = {factor: by_finding for factor, (by_finding, _) in shares.items()}
    unchanged = given[1.0]
    wrong = f"slower {unchanged[Finding.SLOWER]:.1%}, faster {unchanged[Finding.FASTER]:.1%}"
    print(f"  wrong when nothing changed: {wrong};")
    slower, faster = ([factor for factor in VERDICT_FACTORS if way * (factor - 1) > 0] for way in (1, -1))
    print(
        f"  slower when it became faster: at most {max(given[each][Finding.SLOWER] for each in faster):.1%}, "
        f"faster when it became slower: at most {max(given[each][Finding.FASTER] for each in slower):.1%}"
    )
    print(f"  the estimate alone would be called the same at x{1 + LEAST_LIVE:.1f}: {shares[1.2][1]:.1%}")


def print_levels(drift: float, trials: int) -> None:
    """Print how often a level is called the same, by number of sessions and by the factor on the later half."""
    print(f"  {f'drift {drift:.2f}':24}" + "".join(f"{f'x{factor:.2f}':>10}" for factor in VERDICT_FACTORS))
    for sessions in LEVEL_SESSIONS:
        shares = [find_same_share(drift, sessions, factor, trials) for factor in VERDICT_FACTORS]
        print(f"  {f'{sessions} sessions':24}" + "".join(f"{share:10.1%}" for share in shares))
    drawn = np.median(Setting(drift, trials - 1, ROUNDS).draw(1, seed=3), axis=2)
    needed = count_needed_sessions(float(drawn.std()), LEAST_LIVE)
    if needed is not None:
        share = find_same_share(drift, needed, 1.0, trials)
        shown = f"it is shown in {share:.1%} of trials"
        print(f"  {needed} sessions are needed to show it with a power of {POWER:.0%}; {shown}")


def find_same_share(drift: float, sessions: int, factor: float, trials: int) -> float:
    """Return the share of trials called the same when the later half of the sessions takes `factor` times as long."""
    logs = np.median(Setting(drift, sessions - 1, ROUNDS).draw(trials, seed=sessions), axis=2)
    logs[:, sessions - sessions // 2 :] += np.log(factor)
    found = [compare_levels([float(each) for each in row], LEAST_LIVE) for row in np.exp(logs)]
    return sum(each is not None and each.is_same for each in found) / trials


def main() -> None:
    """Print all sections."""
    trials = read_trials("calibration", __doc__)
    print(f"{trials:,} trials per setting")
    history = [Setting(*each) for each in product((0.15, 0.30), (5, 10, 20), (5, 10))]
    print_section("A live session against its history", judge_against_history, history, trials)
    two = [Setting(0.15, 1, rounds) for rounds in (6, 8)]
    print_section("A recording against the previous one", judge_against_recording, two, trials)
    same = [Setting(0.0, 1, rounds) for rounds in (6, 8)]
    print_section("Two strategies in one live session (same drift)", judge_against_strategy, same, trials)
    for seed, setting in enumerate(history):  # the draws of the first section
        if (setting.sessions, setting.rounds) == (VERDICT_SESSIONS, ROUNDS):
            drawn = setting.draw(trials, seed)
            print_verdicts("Verdicts on a live session", judge_against_history, setting, drawn, LEAST_LIVE)
    print_verdicts("Verdicts on a recording", judge_against_recording, two[0], two[0].draw(trials, 0), LEAST_REPLAYED)
    print(f"\nHow often the later half of the sessions, {ROUNDS} rounds each, is called the same as the earlier half\n")
    for drift in (0.15, 0.30):
        print_levels(drift, trials)


if __name__ == "__main__":
    main()
