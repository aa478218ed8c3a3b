"""The pipelines by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Any, Final, cast

from pydantic import BaseModel, ValidationError

from daemon.faults import Detail, InputMistake, UnknownPipeline
from daemon.pipelines.recipe import Recipe

# Name to module.
RECIPES: Final[dict[str, str]] = {
    "codec": "codec",
    "convert": "convert",
    "design_then_clone": "design_then_clone",
    "long_form": "long_form",
    "npc_pack": "npc_pack",
    "script": "script",
    "subtitles": "subtitles",
    "voice_conversion": "voice_conversion",
}
# What is a job like any other, but made of no input: doors of its own begin it, so that it is not listed among the
# pipelines, and it leaves the engine alone, so that it does not stand in line with them.
CHORES: Final[dict[str, str]] = {"pull": "pull"}


# By pydantic's kind of a mistake: what would be right where it names a Python type.
_SHAPES: Final[Mapping[str, str]] = {
    "dict_type": 'must be an object such as {"NAME": …}',
    "model_type": 'must be a voice, or an object such as {"voice": "heart", "speed": 1.1}',
}


def recipe(name: str) -> Recipe:
    """Raises UnknownPipeline."""
    if name not in RECIPES:
        raise UnknownPipeline(f"no pipeline is called {name[:40]!r}; there are {', '.join(sorted(RECIPES))}")
    return _module(RECIPES[name])


def is_job(name: str) -> bool:
    """Whether runs of this name are those of jobs."""
    return name in RECIPES or name in CHORES


def find(name: str, options: Mapping[str, Any]) -> tuple[Recipe, Any]:
    """A pipeline or a chore and its options, read. Raises UnknownPipeline, InputMistake."""
    found = _module(CHORES[name]) if name in CHORES else recipe(name)
    try:
        return found, found.Options.model_validate(dict(options))
    except ValidationError as error:
        details = [
            Detail(".".join(map(str, place)), _told(kind, message, place, found.Options))
            for place, kind, message in _problems(error)
        ]
        raise InputMistake("; ".join(f"{one.path}: {one.message}" for one in details)[:500], details) from None


def _module(name: str) -> Recipe:
    return cast(Recipe, import_module(f"daemon.pipelines.{name}"))


def _problems(error: ValidationError) -> Iterator[tuple[Sequence[int | str], str, str]]:
    """Where, of which kind, and what pydantic says of it: once where it has tried the same value in two ways."""
    found = error.errors(include_url=False)
    tried = {tuple(one["loc"][: one["loc"].index("Manner")]) for one in found if "Manner" in one["loc"]}
    for one in found:
        if not (one["loc"][-1:] == ("str",) and one["loc"][:-1] in tried):
            yield [part for part in one["loc"] if part != "Manner"], one["type"], one["msg"]


def _told(kind: str, message: str, place: Sequence[int | str], options: type[BaseModel]) -> str:
    """What is wrong with an option; a name that nobody knows is told with one that was meant, or with all there are."""
    if kind == "missing":
        return "must be given"
    if kind in _SHAPES:
        return _SHAPES[kind]
    if kind != "extra_forbidden":
        return message
    if len(place) != 1:
        return "there is no such option here"
    known = sorted(options.model_fields)
    if meant := get_close_matches(str(place[0]), known, 1):
        return f"there is no such option: is {meant[0]!r} meant?"
    return f"there is no such option; there are {', '.join(known)}"
