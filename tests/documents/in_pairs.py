"""A pytest plugin that adds the strategy of CONTRIBUTING.md exactly as printed there.

It is loaded with `-p`, not imported by a test, because it would add the strategy for all later tests too.
"""

from benchmarks.strategies import STRATEGIES
from tests.documents.contributing import read_code

_names: dict[str, object] = {}
exec(compile(read_code("In pairs"), "in_pairs.py", "exec"), _names)  # noqa: S102 - the code that a reader copies
STRATEGIES["in_pairs"] = _names["in_pairs"]  # type: ignore[assignment]
