"""The code in CONTRIBUTING that a reader copies."""

import re
from textwrap import dedent

from tests.helpers.forks import ROOT


def read_code(opening: str) -> str:
    """Return the one Python block of CONTRIBUTING whose docstring begins so, without its indentation."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (code,) = re.findall(rf'```python\n( *"""{opening}: .*?)```', text, re.DOTALL)
    return dedent(code.rstrip(" "))
