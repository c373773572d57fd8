"""The facts of a report: the plans, the best of them, and where their figures come from."""

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
    """The plans, and the data that they are based on."""

    required: Requirements
    found: Plans
    client: Client
    """The measured client of this machine."""
    recorded: RecordedLatencies | None
    """The recordings that the plans are based on; None if requests were simulated."""
    subject: Subject
    """The image set that is planned for or, if only a number was given, the one whose images are assumed."""
    settings: Sequence[ModelSettings] = (NO_SETTINGS,)
    """The model settings that every strategy is planned with."""

    @property
    def plans(self) -> Sequence[Plan]:
        """All plans, in the order of the strategies."""
        return self.found.plans

    @property
    def sized(self) -> Client:
        """The measured client, with the image size that is planned for."""
        return fit_client(self.client, self.subject) if self.required.folder else self.client

    @property
    def feasible(self) -> list[Plan]:
        """The plans that keep to all limits."""
        return [plan for plan in self.plans if plan.is_feasible]

    @property
    def best(self) -> dict[str, list[Plan]]:
        """The feasible plans that are the fastest, the cheapest and the most right, with their equals, by criterion.

        Extrapolated plans are left out.
        """
        return rank_plans(list_comparable(self.feasible))

    @property
    def recommendation(self) -> Recommendation | None:
        """The recommended plan; None if no plan fits, or if plans cannot be compared."""
        return recommend(list_comparable(self.feasible))

    @property
    def provenance(self) -> str:
        """The sentences that say where the latencies, tokens and answers come from."""
        found = self.recorded
        if found is None:
            stands_in = "" if self.required.folder else " in place of yours"
            origin = (
                "Simulated, not of Gemini: seconds and tokens are those of the bundled simulator, with the images in "
                f"'{self.subject.name}'{stands_in}."
            )
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
        return [f"{doubt} The simulator accepts it." for doubt in dict.fromkeys(found)]

    @property
    def caveats(self) -> list[str]:
        """The assumptions behind the figures and what they leave out, a sentence each."""
        required, plans, little = self.required, self.plans, format_share(NOTICEABLE)
        has_limit = required.rpm is not None or required.tpm is not None
        has_days, has_jobs = any(plan.days for plan in plans), any(plan.jobs for plan in plans)
        has_range = any(plan.jobs is None and plan.interval is not None for plan in plans)
        told = {
            "Latencies are those at low load: on a real service, more requests at a time may be slower.": (
                any(plan.concurrency > 1 for plan in plans)
            ),
            f"Expected times and costs that differ by at most {little} count as equal.": len(plans) > 1,
            f"The concurrency is the smallest, up to {MOST_CONCURRENCY}, that takes at most {little} longer than the "
            "fastest.": any("concurrency" in plan.settings for plan in plans),
            "Answers are assumed not to get more right with more images in a request.": (
                any("chunk" in plan.settings for plan in plans)
            ),
            f"Plans use at most {format_share(SPARE)} of a rate limit a minute.": has_limit,
            "How limits are enforced within a minute is not published; token buckets of ten seconds are assumed.": (
                has_limit
            ),
            "Failures and retries are not included.": True,
            "A time of several days is that of a start right after a reset (midnight Pacific time), the longest.": (
                has_days
            ),
            "Its range starts with the best start: the first day's requests just before a reset.": has_days,
            "Google's target for a batch job is 24 hours; it is not guaranteed, and most jobs take less.": has_jobs,
            "Google also limits the number of batch jobs, their tokens and the stored files.": (
                has_jobs and required.batch_tokens is None
            ),
            "The range is the middle 95 % of resampled runs, without requests slower than the known ones.": has_range,
            "Long runs therefore exceed the range in more than 2.5 % of cases.": has_range,
            "Latencies may differ on another day.": True,
        }
        return [sentence for sentence, applies in told.items() if applies]


def list_comparable(plans: Sequence[Plan]) -> list[Plan]:
    """Return the plans that are not extrapolated; empty if only one of several is left."""
    known = [plan for plan in plans if not plan.is_extrapolated]
    return known if len(known) > 1 or len(known) == len(plans) else []
