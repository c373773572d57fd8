"""Tables of the known facts about models and of the models that the API lists; the first row is the head."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from benchmarks.models.listing import ListedModel
from fixtures.models.known_models import SURE, Fact, KnownModel, find_model
from fixtures.models.model_settings import DEFAULT, RESOLUTIONS

MARKS = dict(zip(SURE, ("", " ?", " ~"), strict=True))
"""The mark at the end of a cell, by how sure its least sure fact is."""
LEGEND = """\
No mark: confirmed; ?: reported by others; ~: assumed for estimates; *: default.
To print all facts and their sources, give a model's name."""
"""The lines below the table of models."""
HEAD = ("model", "state", "thinking", f"image tokens ({', '.join(RESOLUTIONS)})", "cached from (tokens)", "tiers")
"""The head of the table of models."""
DISPENSABLE = HEAD[:1:-1]
"""The columns of that table that a narrow terminal omits, the least important first."""
UNKNOWN = "-"
"""The cell of an unknown value."""


def make_model_rows(models: Iterable[KnownModel], today: date) -> list[list[str]]:
    """Return the head and a row for each model with the known facts; `today` decides what is in the past."""
    return [[*HEAD], *(_make_model_row(model, today) for model in models)]


def _make_model_row(model: KnownModel, today: date) -> list[str]:
    return [
        model.name,
        _describe_state(model, today),
        _describe_thinking(model),
        _describe_image_tokens(model.image_tokens),
        UNKNOWN if model.cached_from is None else _mark(f"{model.cached_from.value:,}", model.cached_from),
        _mark(", ".join(_format_tier(*each) for each in model.tiers.items()), *model.tiers.values()),
    ]


def _describe_state(model: KnownModel, today: date) -> str:
    if model.shut_down is not None:
        verb = "shut down on" if model.shut_down.value <= today else "will be shut down on"
        return _mark(f"{verb} {model.shut_down.value}", model.shut_down)
    if model.rerouted is not None and model.successor is not None:
        verb = "since" if model.rerouted.value <= today else "from"
        words = f"answered by {model.successor.value} {verb} {model.rerouted.value}"
        return _mark(words, model.rerouted, model.successor)
    return UNKNOWN if model.released is None else _mark(f"current since {model.released.value}", model.released)


def _describe_thinking(model: KnownModel) -> str:
    if model.levels is not None:
        default = model.default_level
        levels = [f"{each}*" if default and each == default.value else each for each in model.levels.value]
        return _mark(", ".join(levels), model.levels, *([default] if default else []))
    if model.by_budget is not None and model.by_budget.value:
        return _mark("token budget", model.by_budget)
    return UNKNOWN


def _describe_image_tokens(tokens: Mapping[str, Fact[int]]) -> str:
    """Return the default number of tokens and, in parentheses, that of each resolution."""
    cells = {name: f"{tokens[name].value:,}" if name in tokens else UNKNOWN for name in (DEFAULT, *RESOLUTIONS)}
    at_resolutions = ", ".join(cells[name] for name in RESOLUTIONS)
    return _mark(f"{cells[DEFAULT]} ({at_resolutions})", *tokens.values())


def _format_tier(tier: str, factor: Fact[float]) -> str:
    return f"{tier} x {factor.value:g}"


def _mark(text: str, *facts: Fact[Any]) -> str:
    """Return a cell with the mark of its least sure fact; a dash if there is no text."""
    return f"{text}{MARKS[max((fact.sure for fact in facts), key=SURE.index)]}" if text else UNKNOWN


def make_fact_rows(model: KnownModel) -> list[list[str]]:
    """Return the head and a row for each fact about a model, with its source."""
    rows = [
        [name, _format_value(fact.value), fact.sure, fact.day.isoformat(), fact.source]
        for name, fact in _iterate_facts(model)
    ]
    return [[model.name, "value", "how sure", "looked up", "source"], *rows]


def _iterate_facts(model: KnownModel) -> Iterator[tuple[str, Fact[Any]]]:
    for each in fields(model):
        value = getattr(model, each.name)
        words = each.name.replace("_", " ")
        if isinstance(value, Fact):
            yield words, value
        elif isinstance(value, Mapping):
            yield from ((f"{words}, {name}", fact) for name, fact in value.items())


def _format_value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


def make_listed_rows(listed: Iterable[ListedModel]) -> list[list[str]]:
    """Return the head and a row for each model that the API lists, with whether its facts are known here."""
    rows = [
        [
            each.name,
            "yes" if find_model(each.name) else "no",
            each.version or UNKNOWN,
            each.display_name or UNKNOWN,
            UNKNOWN if each.input_tokens is None else f"{each.input_tokens:,}",
            UNKNOWN if each.thinking is None else _format_value(each.thinking),
        ]
        for each in listed
    ]
    return [["model", "known here", "version", "name", "prompt, tokens", "thinks"], *rows]


def describe_difference(listed: Iterable[ListedModel], models: Sequence[KnownModel], server: str) -> str:
    """Return the sentence that names the known models that the API does not list."""
    names = {each.name for each in listed}
    if lacking := [model.name for model in models if model.name not in names]:
        return f"{server} does not list {', '.join(lacking)}."
    return f"{server} lists all models that are known here."
