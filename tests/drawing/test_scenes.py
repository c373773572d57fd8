"""Drawn scenes are reproducible, have the stated number of people, and show every head."""

import hashlib
from pathlib import Path
from random import Random

import pytest

from fixtures.drawing import scenes
from fixtures.drawing.people import draw_person
from fixtures.images.folder import load_images
from fixtures.images.task_file import BUNDLED
from tests.helpers.forks import run_python


def test_the_image_sets_are_drawn_again_the_same(tmp_path: Path) -> None:
    """`python -m fixtures.drawing` writes the same images and task files as in the repository."""
    done = run_python(["-m", "fixtures.drawing", tmp_path])
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(" people, ") == 4 + 16
    for name in ("four", "sixteen", "receipts"):
        drawn, kept = (
            {path.name: path.read_bytes() for path in (place / name).iterdir()} for place in (tmp_path, BUNDLED)
        )
        assert drawn == kept


def test_the_images_have_the_recorded_digests() -> None:
    """Recordings are matched by digest, so a changed drawing would need new recordings."""
    assert [image.sha256[:12] for image in load_images("four").images] == [
        "e28579f9136c",
        "44da33a2d079",
        "c7a57f384335",
        "ae6bfcd71644",
    ]


def test_further_scenes_are_distinct_and_repeatable() -> None:
    """Different seeds give different pictures, and a seed gives the same one again."""
    drawn = [scenes.draw_scene(seed, size=(160, 120)) for seed in (*range(30), 0)]
    digests = [hashlib.sha256(each.image.tobytes()).hexdigest() for each in drawn]
    assert len(set(digests[:30])) == 30
    assert digests[30] == digests[0]
    assert all(0 <= each.people <= 150 for each in drawn)
    assert len({each.name for each in drawn[:30]}) == 30


@pytest.mark.parametrize("people", [0, 1, 12, 95, 110, 150])
def test_the_stated_number_of_people_is_drawn(monkeypatch: pytest.MonkeyPatch, people: int) -> None:
    """The scene's number equals the number of people drawn, and every head is inside the picture."""
    heads = []

    def drawn(*arguments: object, **options: object) -> None:
        _, _, x, top, head = arguments
        heads.append((x, top, head))
        draw_person(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(scenes, "draw_person", drawn)
    scene = scenes.draw_scene(7, people, (320, 240))
    assert scene.people == len(heads) == people
    assert scene.image.size == (320, 240)
    for x, top, head in heads:
        assert isinstance(x, float)
        assert isinstance(top, float)
        assert isinstance(head, float)
        assert head / 2 < x < 640 - head / 2
        assert 0 < top < 480 - head


@pytest.mark.parametrize("seed", range(20))
def test_no_person_hides_a_head(seed: int) -> None:
    """A person drawn later, and so in front, starts below each earlier head or stands beside it."""
    draws = Random(seed)
    spots = scenes._choose_spots(draws, draws.randint(60, 150), 2048, 400, 1536)  # noqa: SLF001
    for index, (x, top, head) in enumerate(spots):
        for other_x, other_top, other in spots[index + 1 :]:
            beside = abs(x - other_x) >= head * 0.41 + other * 0.41
            assert other_top >= top + head * 0.99 or beside


@pytest.mark.parametrize("people", [-1, 151])
def test_a_number_that_does_not_fit_is_refused(people: int) -> None:
    """A scene has 0 to 150 people."""
    with pytest.raises(ValueError, match="a scene holds 0 to 150 people"):
        scenes.draw_scene(1, people)


def test_a_folder_that_cannot_be_written_to_is_reported(tmp_path: Path) -> None:
    """The error is one sentence without a traceback, and the exit code is 1."""
    (tmp_path / "file").write_text("")
    done = run_python(["-m", "fixtures.drawing", tmp_path / "file"])
    assert done.returncode == 1
    assert done.stderr.startswith("draw: cannot write to")
    assert "Traceback" not in done.stderr
