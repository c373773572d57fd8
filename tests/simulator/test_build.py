"""The simulator is built from plain values, as given on a command line."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from fixtures.base.errors import RunError
from fixtures.simulator.build import build_api, find_profile
from fixtures.simulator.decisions.api import Api, ApiRequest
from fixtures.simulator.latencies import Latencies, Observation
from fixtures.simulator.profiles import read_profiles
from fixtures.simulator.start import check_model, start_in_process
from tests.helpers.forks import ROOT
from tests.helpers.simulated import image
from tests.helpers.tasks import know_people

MODEL = "gemini-3.8-flash"
CASSETTE = ROOT / "cassettes" / MODEL / "four" / "sequential.yaml"
NOTHING = know_people()
IMAGE = image("few.jpg", 7)
BODY = {"contents": [{"parts": [IMAGE.part.model_dump(mode="json", by_alias=True, exclude_none=True)]}]}
REQUEST = httpx2.Request("POST", f"http://simulator/v1/models/{MODEL}:generateContent", json=BODY)


def ask(api: Api, now: float = 0.0) -> Any:
    """Return the reply of an API to a request about the image."""
    request = ApiRequest("POST", "http://simulator", REQUEST.url.path, {}, {}, REQUEST.content)
    return api.read(request)(now).reply


def test_without_options_the_true_number_is_answered() -> None:
    """Without faults and limits, a small number of people is answered right, each time."""
    replies = [ask(build_api(know_people([IMAGE]))) for _ in range(2)]
    assert replies[0].body["candidates"][0]["content"]["parts"] == [{"text": "7"}]
    assert replies[0] == replies[1]


def test_every_option_reaches_the_api() -> None:
    """Seed, faults, both limits, profiles and latencies each change the reply."""
    plain = ask(build_api(NOTHING))
    assert ask(build_api(NOTHING, seed=2)).seconds != plain.seconds
    assert ask(build_api(NOTHING, faults="503")).status == 503
    for api in (build_api(NOTHING, rpm=1), build_api(NOTHING, tpm=1)):
        assert [ask(api).status, ask(api).status] == [200, 429]
    assert ask(build_api(NOTHING, profiles={})).status == 404
    assert ask(build_api(NOTHING, latencies=Latencies([Observation(1, 10.0, 1, 1, 1, 1)]))).seconds == 10.0


@pytest.mark.parametrize("options", [{"faults": "no-such-fault"}, {"rpm": 0}, {"tpm": -1}])
def test_wrong_options_are_refused(options: dict[str, Any]) -> None:
    """Invalid faults and limits raise an error when the API is built."""
    with pytest.raises(ValueError, match=r"there is no fault|is not a limit"):
        build_api(NOTHING, **options)


def test_a_model_without_a_profile_is_simulated_from_its_own_recordings_only() -> None:
    """Without a profile or its own recordings, the error names the models that have a profile."""
    known = ", ".join(read_profiles())
    with pytest.raises(RunError, match=f"^The simulator has no profile of gemini-9, only of {known}; choose one"):
        check_model("gemini-9")
    with pytest.raises(RunError, match=f"was recorded with {MODEL}, not gemini-9"):
        check_model("gemini-9", (CASSETTE,))
    check_model(MODEL)
    check_model(MODEL, (CASSETTE,))
    assert find_profile(MODEL) == read_profiles()[MODEL]


def test_a_model_without_a_profile_takes_every_thinking_level(tmp_path: Path) -> None:
    """A model without a profile refuses no level, because its levels are not known."""
    cassette = tmp_path / "sequential.yaml"
    cassette.write_text(CASSETTE.read_text().replace(MODEL, "gemini-9"))
    body = BODY | {"generationConfig": {"thinkingConfig": {"thinkingLevel": "XHIGH"}}}
    request = httpx2.Request("POST", "http://simulator/v1/models/gemini-9:generateContent", json=body)
    assert start_in_process("gemini-9", NOTHING, latency_from=(cassette,)).reply(request, 0.0).status == 200


def test_in_process_it_draws_from_recordings_where_they_are_given() -> None:
    """The seconds are those of a recorded request, or, without recordings, those of the profile."""
    recorded = start_in_process(MODEL, NOTHING, latency_from=(CASSETTE,)).reply(REQUEST, 0.0)
    simulated = start_in_process(MODEL, NOTHING).reply(REQUEST, 0.0)
    assert f"elapsed: {recorded.elapsed}" in CASSETTE.read_text()
    assert f"elapsed: {simulated.elapsed}" not in CASSETTE.read_text()
