"""Tests of `models.toml`: every fact about a model has a value, a source and how sure it is."""

import re
import sys
from datetime import date
from pathlib import Path

import pytest

from fixtures.base.errors import RunError
from fixtures.models.known_models import (
    PATH,
    SURE,
    find_image_tokens,
    find_model,
    find_tier_factor,
    read_known_models,
)
from fixtures.simulator.decisions.model import Profile
from fixtures.simulator.profiles import read_profiles
from tests.test_rooms import IMPORTS, find_room

SMALL = """
looked_up = 2026-11-23
[sources]
page = { name = "a page" }
later = { name = "another page", date = 2026-11-25 }
[tier_factors]
flex = { value = 0.5, sure = "confirmed", source = "page" }
[models."gemini-x"]
released = { value = 2026-01-02, sure = "reported", source = "later" }
levels = { value = ["low", "high"], sure = "confirmed", source = "page" }
default_level = { value = "low", sure = "confirmed", source = "page" }
image_tokens.low = { value = 280, sure = "assumed", source = "page" }
"""
PROFILES = read_profiles()


def write(folder: Path, text: str) -> Path:
    """Write a file of models and return its path."""
    path = folder / "models.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_fact_has_its_value_its_source_and_its_day(tmp_path: Path) -> None:
    """The day of a fact is that of its source, or else that of the whole file."""
    model = read_known_models(write(tmp_path, SMALL)).models["gemini-x"]
    assert model.released is not None
    assert (model.released.value, model.released.sure) == (date(2026, 1, 2), "reported")
    assert (model.released.source, model.released.day) == ("another page", date(2026, 11, 25))
    assert model.image_tokens["low"].day == date(2026, 11, 23)
    assert model.by_budget is None, "an unknown fact is None"


@pytest.mark.parametrize(
    ("found", "replaced", "told"),
    [
        ("2026-11-23", '"today"', "sources.page needs a name, and a date"),
        ('["low", "high"]', '["low", "huge"]', "gemini-x: levels has the invalid value ['low', 'huge']"),
        ('value = "low"', 'value = "medium"', "gemini-x: default_level is not among the levels"),
        ("value = 280", "value = true", "gemini-x: image_tokens.low has the invalid value True"),
        ("value = 0.5", "value = 0", "tier_factors.flex has the invalid value 0"),
        (
            "image_tokens.low",
            "image_tokens.tiny",
            "gemini-x: image_tokens has the unknown keys tiny; the known keys are default, low,",
        ),
        ('"reported"', '"rumoured"', "gemini-x: released: sure is 'rumoured', but must be one of confirmed, reported,"),
        ('source = "later"', 'source = "memory"', "gemini-x: released: 'memory' is not among the sources"),
        (', source = "later"', "", "gemini-x: released must have value, sure and source, and nothing else"),
        ("released =", "born =", "gemini-x has the unknown keys born; the known keys are released,"),
        ("released = {", "rerouted = {", "gemini-x was rerouted but has no successor"),
        ("[sources]", "[sources", "cannot be read: "),
        ("looked_up = 2026-11-23", "", "sources.page needs a name, and a date"),
        (
            "looked_up = 2026-11-23",
            "looked = 3",
            "the file has the unknown keys looked; the known keys are looked_up, sources,",
        ),
    ],
)
def test_an_invalid_file_is_an_error_in_one_sentence(tmp_path: Path, found: str, replaced: str, told: str) -> None:
    """The error for an invalid file names the path and the fact."""
    assert found in SMALL
    path = write(tmp_path, SMALL.replace(found, replaced, 1))
    with pytest.raises(RunError, match=re.escape(f"{path}")) as wrong:
        read_known_models(path)
    assert told in str(wrong.value)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    """The error for a missing file says to restore it."""
    with pytest.raises(RunError, match=r"cannot be read \(No such file or directory\); restore it"):
        read_known_models(tmp_path / "nowhere.toml")


def test_models_are_found_by_their_exact_names() -> None:
    """A name that only begins with a known name is unknown, and so are its image tokens."""
    assert find_model("gemini-3.8-flash") is not None
    assert find_model("gemini-3.8-flash-tts") is None
    assert find_image_tokens("gemini-3.8-flash", "low") == 280
    assert find_image_tokens("gemini-3.8-flash", None) == 1120
    assert find_image_tokens("gemini-2.5-flash", "low") is None
    assert find_image_tokens("gemini-9", None) is None


def test_a_tier_costs_a_multiple_of_the_standard_price() -> None:
    """The factor of a tier is the model's if known, else the documented one; an unknown tier has none."""
    assert [find_tier_factor("gemini-3.8-flash", tier) for tier in ("", "standard", "flex")] == [1.0, 1.0, 0.5]
    assert find_tier_factor("gemini-3.8-flash", "priority") == 1.8
    assert find_tier_factor("gemini-9", "priority") == 2.0
    assert find_tier_factor("gemini-3.8-flash", "express") is None


def test_every_source_is_used_and_nothing_is_surer_than_its_source() -> None:
    """Every source is used; facts from other people's reports are `reported`, and assumptions are `assumed`."""
    text = PATH.read_text(encoding="utf-8")
    sources = re.findall(r"^([\w-]+) = { name = ", text, re.MULTILINE)
    used = re.findall(r'sure = "(\w+)", source = "([\w-]+)"', text)
    assert {source for _, source in used} == set(sources)
    by_source = {source: {sure for sure, each in used if each == source} for source in sources}
    assert by_source["others"] == by_source["quoted"] == by_source["responses"] == {"reported"}
    assert by_source["as-gemini-3"] == by_source["upper-end"] == {"assumed"}
    assert {sure for found in by_source.values() for sure in found} == set(SURE)


@pytest.mark.parametrize(("name", "profile"), PROFILES.items(), ids=PROFILES)
def test_the_simulator_agrees_with_the_known_facts(name: str, profile: Profile) -> None:
    """Simulated models have the known thinking levels; known image tokens are in their range or at most 5 % above."""
    model = find_model(name)
    assert model is not None
    if profile.thinking_levels and model.levels:
        assert set(profile.thinking_levels) == set(model.levels.value)
    ranges = {"default": profile.image_tokens, **profile.resolutions}
    both = ranges.keys() & model.image_tokens.keys()
    assert "default" in both
    for resolution in both:
        least, most = ranges[resolution]
        assert least <= model.image_tokens[resolution].value <= 1.05 * most, resolution


def test_the_facts_need_no_library() -> None:
    """The modules of `fixtures.models` import only the standard library, `fixtures.base.errors` and each other."""
    targets = {
        target for module, found in IMPORTS.items() if find_room(module) == "fixtures.models" for target in found
    }
    foreign = {target for target in targets if target.partition(".")[0] not in sys.stdlib_module_names}
    assert {target for target in foreign if find_room(target) != "fixtures.models"} == {"fixtures.base.errors"}
