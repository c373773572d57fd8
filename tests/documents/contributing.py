"""The code in CONTRIBUTING.md that a reader copies."""

import re
from textwrap import dedent

from tests.helpers.forks import ROOT


def read_code(opening: str) -> str:
    """Return the Python block of CONTRIBUTING.md whose docstring begins with this word, without indentation."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (code,) = re.findall(rf'```python\n( *"""{opening}: .*?)```', text, re.DOTALL)
    return dedent(code.rstrip(" "))
