"""Made-up metadata for cassettes made by tests."""

from collections.abc import Sequence

from fixtures.recordings.metadata import Metadata

RECORDED_AT = "2026-11-23T00:00:00+00:00"


def make_metadata(rounds: Sequence[float], model: str = "some-model") -> Metadata:
    """Return the metadata of a recording whose rounds took these seconds."""
    return Metadata(model=model, source="test", recorded_at=RECORDED_AT, rounds=[float(each) for each in rounds])
