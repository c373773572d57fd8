"""Which strategies ask the model the same questions, so that their answers and tokens differ only by chance."""

from fixtures.run.record.record import Record


def ask_same_questions(one: Record, other: Record) -> bool:
    """Return whether two strategies ask the same questions.

    The service tier does not count, nor do repeated requests whose other one was answered. The number of images per
    request is not known of a batch job, which has all of them in one.
    """
    has_job = any("batch" in each.served_tiers for each in (one, other))
    keys = [
        (each.model, each.model_settings, None if has_job else find_most_images(each), _find_answered_words(each))
        for each in (one, other)
    ]
    return keys[0] == keys[1]


def find_most_images(record: Record) -> int:
    """Return the largest number of images in a request."""
    return max((len(span.images) for span in record.spans), default=0)


def find_words(record: Record) -> int | str:
    """Return the number of text tokens in all requests.

    If it is unknown, the digest of the prompts is returned instead. It is not used otherwise, because that of `files`
    differs: its uploads have no text.
    """
    if record.input_tokens is None or record.image_tokens is None:
        return record.prompt_sha256
    return record.input_tokens - record.image_tokens


def _find_answered_words(record: Record) -> int | str:
    """Return `find_words` without the cancelled requests, which have as many text tokens as the others."""
    words = find_words(record)
    if isinstance(words, str) or not record.cancelled:
        return words
    return round(words * (1 - record.cancelled / record.requests))
