"""The facts of a plan: which plans there are, which are the best, and where their figures come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from benchmarks.plan.planning.plans import Plan, Plans
from benchmarks.plan.planning.search import MOST_CONCURRENCY, NOTICEABLE
from benchmarks.plan.planning.timing import SPARE
from benchmarks.plan.recommendation import Recommendation, rank_plans, recommend
from benchmarks.plan.requirements import Requirements, format_share
from benchmarks.plan.samples import Subject, fit_client
from fixtures.models.cautions import list_doubts
from fixtures.models.model_settings import NO_SETTINGS, ModelSettings
from fixtures.run.record.provenance import (
    ANSWER_SETTINGS,
    MADE_UP,
    PRICED,
    SETTINGS_MADE_UP,
    TIERS_MADE_UP,
    TIERS_PRICED,
    describe_prices,
    describe_requests,
)
from fixtures.run.record.record import Client
from fixtures.simulator.projection import RecordedLatencies


@dataclass(frozen=True)
class PlanReport:
    """The plans, and where their figures come from."""

    required: Requirements
    found: Plans
    client: Client
    """The measured client of this machine."""
    recorded: RecordedLatencies | None
    """The recordings that the plans are projected from; None where requests were simulated."""
    subject: Subject
    """The image set that is planned for, or where only a number was given, the one that its images are like."""
    settings: Sequence[ModelSettings] = (NO_SETTINGS,)
    """The settings of requests that every strategy is planned with."""

    @property
    def plans(self) -> Sequence[Plan]:
        """All plans, in the order of the strategies."""
        return self.found.plans

    @property
    def sized(self) -> Client:
        """The measured client, with the size of the images that are planned for."""
        return fit_client(self.client, self.subject) if self.required.folder else self.client

    @property
    def feasible(self) -> list[Plan]:
        """The plans that keep to all limits."""
        return [plan for plan in self.plans if plan.is_feasible]

    @property
    def best(self) -> dict[str, list[Plan]]:
        """The fastest, the cheapest and the most right of the feasible plans with their equals, as far as known.

        An extrapolated plan is none of them.
        """
        return rank_plans(list_comparable(self.feasible))

    @property
    def recommendation(self) -> Recommendation | None:
        """The plan that is recommended; None where nothing fits, or nothing can be compared."""
        return recommend(list_comparable(self.feasible))

    @property
    def provenance(self) -> str:
        """The sentences that say where the latencies, tokens and answers come from."""
        found = self.recorded
        if found is None:
            images = f"{'the images in' if self.required.folder else 'images as in'} '{self.subject.name}'"
            origin = f"Simulated, not of Gemini: requests of the bundled simulator about {images}."
        else:
            requests = describe_requests(found.count, found.source, found.recorded_at, found.server_timed)
            origin = f"Projected from {requests}."
        given = [each.given for each in self.settings]
        has_tiers = any(each.get("service_tier") in PRICED for each in given)
        told = {
            MADE_UP: found is None or found.source == "simulator",
            SETTINGS_MADE_UP: any(each.keys() & ANSWER_SETTINGS for each in given),
            TIERS_MADE_UP: has_tiers,
            describe_prices("today"): True,
            TIERS_PRICED: has_tiers,
        }
        return " ".join([origin, *(sentence for sentence, applies in told.items() if applies)])

    @property
    def doubts(self) -> list[str]:
        """A sentence for each setting that the model is not known to take."""
        today = datetime.now(UTC).date()
        found = [doubt for each in self.settings for doubt in list_doubts(self.required.model, each, today)]
        return [f"{doubt} The simulator takes it." for doubt in dict.fromkeys(found)]

    @property
    def caveats(self) -> list[str]:
        """What the figures leave out, and what they assume, a sentence each."""
        required, plans, little = self.required, self.plans, format_share(NOTICEABLE)
        has_limit = required.rpm is not None or required.tpm is not None
        has_days, has_jobs = any(plan.days for plan in plans), any(plan.jobs for plan in plans)
        has_range = any(plan.jobs is None and plan.interval is not None for plan in plans)
        told = {
            "Latencies are taken as they are at low load: more requests at a time may be slower on a real service.": (
                any(plan.concurrency > 1 for plan in plans)
            ),
            f"Expected times and costs that differ by at most {little} count as equal.": len(plans) > 1,
            f"Of concurrencies up to {MOST_CONCURRENCY}, the smallest is planned that takes at most {little} longer "
            "than the fastest.": any("concurrency" in plan.settings for plan in plans),
            "Answers about more images in a request are assumed to be no more right.": (
                any("chunk" in plan.settings for plan in plans)
            ),
            f"At most {format_share(SPARE)} of a rate limit a minute is planned to be used.": has_limit,
            "How limits are enforced within a minute is not published; buckets of ten seconds' worth are assumed.": (
                has_limit
            ),
            "Failures and their retries are not planned with.": True,
            "Over several days the time is that of a start right after a reset (midnight Pacific time), the longest.": (
                has_days
            ),
            "Its range begins with the best start, which uses up a day's requests just before a reset.": has_days,
            "A batch job takes up to 24 hours, which is Google's target and no promise; most take less.": has_jobs,
            "Batch jobs, their tokens and the files stored have limits of their own.": (
                has_jobs and required.batch_tokens is None
            ),
            "The range is the middle 95 % of resampled runs, without a slower request than the known ones.": has_range,
            "Long runs end later than that more often than one time in forty.": has_range,
            "Another day may have other latencies.": True,
        }
        return [sentence for sentence, applies in told.items() if applies]


def list_comparable(plans: Sequence[Plan]) -> list[Plan]:
    """Return the plans that are not extrapolated; none where that leaves a single one of several."""
    known = [plan for plan in plans if not plan.is_extrapolated]
    return known if len(known) > 1 or len(known) == len(plans) else []
