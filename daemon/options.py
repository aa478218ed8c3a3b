"""Settings as command-line options: made from the settings themselves, so that none is forgotten."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final, get_args, get_origin

# How contract and habit write what the settings call by another form.
_CONST: Final = {"zeroconf": "auto"}
# What wyoming-piper calls it, so that its units and add-ons need few changes.
_PIPER: Final = {"wyoming": "--uri"}


def add_all(parser: argparse.ArgumentParser) -> None:
    """Every setting as an option."""
    from daemon.settings import Settings

    add(parser, *Settings.model_fields)
    parser.add_argument(
        "--sentence-silence",
        dest="sentence_gap",
        type=_milliseconds,
        metavar="SECONDS",
        help="--sentence-gap as Piper has it",
    )


def add(parser: argparse.ArgumentParser, *names: str) -> None:
    """These settings as options, and `--config`. None of them has a default here: the settings know it."""
    from daemon.settings import Settings

    parser.add_argument("--config", type=Path, metavar="FILE", help="TOML file with any of the settings")
    parser.set_defaults(settings=names)
    for name in names:
        field = Settings.model_fields[name]
        default = "" if field.is_required() or field.default in (None, ()) else f" (default: {_show(field)})"
        about = f"{field.description}{default}".replace("%", "%%")
        words = ["--" + name.replace("_", "-"), *filter(None, [_PIPER.get(name)])]
        parser.add_argument(*words, dest=name, help=about, **_shape(name, field.annotation))


def given(args: argparse.Namespace) -> dict[str, object]:
    """What was really given, by setting."""
    return {name: value for name in args.settings if (value := getattr(args, name)) is not None}


def _milliseconds(seconds: str) -> int:
    return round(float(seconds) * 1000)


def _show(field: Any) -> str:
    value = field.get_default(call_default_factory=True)
    return " ".join(value) if isinstance(value, tuple) else str(value)


def _shape(name: str, annotation: Any) -> dict[str, Any]:
    if annotation is bool:
        return {"action": argparse.BooleanOptionalAction}
    if name in _CONST:
        return {"nargs": "?", "const": _CONST[name], "metavar": "NAME"}
    if get_origin(annotation) is tuple:
        return {"action": "append", "metavar": name.upper().rstrip("S")}
    if choices := [choice for choice in get_args(annotation) if isinstance(choice, str)]:
        return {"choices": choices}
    return {"metavar": name.rsplit("_", 1)[-1].upper()}
