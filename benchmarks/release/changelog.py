"""The changelog: the heading of what is not released becomes the heading of a version."""

import re
from datetime import date

from fixtures.base.errors import RunError

UNRELEASED = "## Unreleased"


def release_version(text: str, version: str, day: date) -> str:
    """Return the changelog with this version, released on this day, in place of what is not released.

    Raise `RunError` where that is no version, where it is there already, and where nothing is unreleased.
    """
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise RunError(f"{version!r} is not a version: write three numbers, such as 1.0.0.")
    if re.search(rf"^## {re.escape(version)}\b", text, re.MULTILINE):
        raise RunError(f"CHANGELOG.md already has version {version}: give the next one.")
    section = re.search(rf"^{UNRELEASED}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    if section is None or not section[1].strip():
        raise RunError(f"CHANGELOG.md has no text under '{UNRELEASED}': describe what changes for users in {version}.")
    return text.replace(f"{UNRELEASED}\n", f"## {version} ({day:%Y-%m-%d})\n", 1)
