"""Base64 is decoded in all of its usual spellings."""

import base64

import pytest

from fixtures.base.encoding import BASE64_GROWTH, decode_base64

DATA = bytes(range(256))


@pytest.mark.parametrize("data", [DATA, DATA[:-1], DATA[:-2], b""], ids=["unpadded", "padded", "padded twice", "empty"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode], ids=["standard", "url-safe"])
def test_either_alphabet_is_read_with_and_without_padding(data: bytes, encode: object) -> None:
    """The four spellings give the same bytes."""
    assert callable(encode)
    text = encode(data).decode()
    for spelled in (text, text.rstrip("=")):
        assert decode_base64(spelled) == decode_base64(spelled, strict=True) == data


@pytest.mark.parametrize("text", ["A", "Zm9vY", "\N{SNOWMAN}"])
def test_invalid_base64_is_an_error(text: str) -> None:
    """Texts of an impossible length and characters outside ASCII raise `ValueError`."""
    with pytest.raises(ValueError, match=r"."):
        decode_base64(text)


def test_other_characters_are_an_error_in_strict_mode() -> None:
    """A line break is skipped, as in MIME, unless decoding is strict."""
    assert decode_base64("Zm9v\nYmFy") == b"foobar"
    with pytest.raises(ValueError, match=r"."):
        decode_base64("Zm9v\nYmFy", strict=True)


def test_the_size_grows_by_a_third() -> None:
    """Three bytes become four characters."""
    assert len(base64.b64encode(DATA[:-1])) == pytest.approx(BASE64_GROWTH * 255)
