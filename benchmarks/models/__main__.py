"""Print the known facts about models and how sure each is; with an API key, also the models that the API lists."""

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from benchmarks.models.listing import list_models
from benchmarks.models.tables import (
    DISPENSABLE,
    LEGEND,
    describe_difference,
    make_fact_rows,
    make_listed_rows,
    make_model_rows,
)
from fixtures.base import option_types
from fixtures.base.errors import RunError
from fixtures.base.secret_scan import KEY_VARIABLES, SecretScan, read_credentials, read_keys
from fixtures.models.known_models import KnownModel, find_model, read_known_models
from fixtures.text.tables import describe_omitted, find_width, fit_table, format_table
from fixtures.transport.client import GOOGLE


def main() -> str | None:
    """Run the command; return an error message, or None on success."""
    given = _parse_arguments()
    scan = SecretScan({**read_keys(), **read_credentials(given.base_url or "")})
    lines, problem = [], None
    try:
        for line in _iterate_lines(given):
            lines.append(f"{scan.remove(line)}\n")  # noqa: PERF401 - the lines before an error are printed too
    except RunError as error:
        problem = scan.remove(f"models: {error}")
    sys.stdout.write("".join(lines))
    return problem


def _iterate_lines(given: argparse.Namespace) -> Iterator[str]:
    """Yield the printed lines: first the known facts, then the models that the API lists, if there is a key or URL."""
    if given.model:
        models = [_get_model(given.model)]
        yield from format_table(make_fact_rows(models[0]))
    else:
        models = list(read_known_models().models.values())
        rows = make_model_rows(models, datetime.now(UTC).date())
        fitted = fit_table(rows, find_width(), DISPENSABLE)
        yield from format_table(fitted)
        yield from describe_omitted(rows, fitted)
        yield LEGEND
    yield ""
    if not (given.base_url or _find_key()):
        yield f"Set {KEY_VARIABLES[0]} to print the models that the API lists, too."
        return
    server = given.base_url or GOOGLE
    listed = list_models(server, _find_key(), given.api_version)
    shown = [each for each in listed if given.model in (None, each.name)]
    if shown:
        yield f"Models listed by {server}:"
        yield from format_table(make_listed_rows(shown))
    if not given.model or not shown:
        yield describe_difference(listed, models, server)


def _get_model(name: str) -> KnownModel:
    model = find_model(name)
    if model is None:
        known = ", ".join(read_known_models().models)
        raise RunError(f"{name} is not a known model; name one of {known}.")
    return model


def _find_key() -> str | None:
    """Return the key from the environment, or None if it is not set; raise `RunError` if it cannot be sent."""
    key = next(filter(None, map(os.environ.get, KEY_VARIABLES)), None)
    if key and not (key.isascii() and key.isprintable()):
        raise RunError(
            f"{' or '.join(KEY_VARIABLES)} holds characters that a key cannot have, such as a line break; set it again."
        )
    return key


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.models", description=__doc__)
    parser.add_argument(
        "model",
        nargs="?",
        type=option_types.read_model,
        metavar="MODEL",
        help="every fact about this model, with its source",
    )
    parser.add_argument(
        "--base-url", type=option_types.read_url, metavar="URL", help="list the models of this Gemini-compatible server"
    )
    parser.add_argument(
        "--api-version", choices=("v1", "v1beta"), help="version of the API that lists the models (default: v1)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
