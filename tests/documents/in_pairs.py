"""A pytest plugin that adds the strategy of CONTRIBUTING as it stands there, as its steps tell."""

import re
from textwrap import dedent

from benchmarks.strategies import STRATEGIES
from tests.helpers.forks import ROOT


def read_code(opening: str) -> str:
    """Return the one Python block of CONTRIBUTING whose docstring begins so, without its indentation."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (code,) = re.findall(rf'```python\n( *"""{opening}: .*?)```', text, re.DOTALL)
    return dedent(code.rstrip(" "))


_names: dict[str, object] = {}
exec(compile(read_code("In pairs"), "in_pairs.py", "exec"), _names)  # noqa: S102 - the code that a reader copies
STRATEGIES["in_pairs"] = _names["in_pairs"]  # type: ignore[assignment]
