"""The changelog: a release replaces the heading `## Unreleased` by the version and its date."""

import re
from datetime import date

from fixtures.base.errors import RunError

UNRELEASED = "## Unreleased"


def release_version(text: str, version: str, day: date) -> str:
    """Return the changelog with this version and day as the heading of the unreleased changes.

    Raise `RunError` if the version is invalid or already in the changelog, or if there are no unreleased changes.
    """
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise RunError(f"{version!r} is not a version: write three numbers, such as 1.0.0.")
    if re.search(rf"^## {re.escape(version)}\b", text, re.MULTILINE):
        raise RunError(f"CHANGELOG.md already has version {version}: give the next one.")
    section = re.search(rf"^{UNRELEASED}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    if section is None or not section[1].strip():
        raise RunError(f"CHANGELOG.md has no text under '{UNRELEASED}': describe what changes for users in {version}.")
    return text.replace(f"{UNRELEASED}\n", f"## {version} ({day:%Y-%m-%d})\n", 1)
