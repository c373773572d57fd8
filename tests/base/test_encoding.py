"""Base64 is read in every way that it is written."""

import base64

import pytest

from fixtures.base.encoding import BASE64_GROWTH, decode_base64

DATA = bytes(range(256))


@pytest.mark.parametrize("data", [DATA, DATA[:-1], DATA[:-2], b""], ids=["unpadded", "padded", "padded twice", "empty"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode], ids=["standard", "url-safe"])
def test_either_alphabet_is_read_with_and_without_padding(data: bytes, encode: object) -> None:
    """Four spellings of the same bytes."""
    assert callable(encode)
    text = encode(data).decode()
    for spelled in (text, text.rstrip("=")):
        assert decode_base64(spelled) == decode_base64(spelled, strict=True) == data


@pytest.mark.parametrize("text", ["A", "Zm9vY", "\N{SNOWMAN}"])
def test_what_is_no_base64_is_an_error(text: str) -> None:
    """A number of characters that no bytes have, and what is not ASCII."""
    with pytest.raises(ValueError, match=r"."):
        decode_base64(text)


def test_characters_of_neither_alphabet_are_an_error_where_that_is_asked() -> None:
    """MIME breaks lines; the API takes no such thing."""
    assert decode_base64("Zm9v\nYmFy") == b"foobar"
    with pytest.raises(ValueError, match=r"."):
        decode_base64("Zm9v\nYmFy", strict=True)


def test_the_size_grows_by_a_third() -> None:
    """Four characters stand for three bytes."""
    assert len(base64.b64encode(DATA[:-1])) == pytest.approx(BASE64_GROWTH * 255)
