"""A pytest plugin that adds the strategy of CONTRIBUTING as it stands there, as its steps tell.

It is loaded with `-p` and never imported by a test: `STRATEGIES` would hold it for all tests after it.
"""

from benchmarks.strategies import STRATEGIES
from tests.documents.contributing import read_code

_names: dict[str, object] = {}
exec(compile(read_code("In pairs"), "in_pairs.py", "exec"), _names)  # noqa: S102 - the code that a reader copies
STRATEGIES["in_pairs"] = _names["in_pairs"]  # type: ignore[assignment]
