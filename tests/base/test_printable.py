"""Text from others is printed on one line, and controls neither a terminal nor a CI job."""

import pytest

from fixtures.base.errors import RunError
from fixtures.base.printable import make_printable


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("no such model: crème brûlée 🍮", "no such model: crème brûlée 🍮"),
        ("no\n::error::such\r\nmodel\u2028::set-env", "no ::error::such  model ::set-env"),
        ("\x1b[31mred\x1b[0m \x9b2J\x07", r"\x1b[31mred\x1b[0m \x9b2J\x07"),
        ("\u202egpj.bus\ud800\x00", r"\u202egpj.bus\ud800\x00"),
        ("no ##[error]such model", "no ## [error]such model"),
    ],
    ids=["words", "line breaks", "escape sequences", "what is not printable", "GitHub's older commands"],
)
def test_a_text_is_printed_as_text(text: str, printed: str) -> None:
    """Line breaks become spaces, control characters are escaped, and commands of CI jobs are defused."""
    assert make_printable(text) == printed
    assert str(RunError(text)) == printed
