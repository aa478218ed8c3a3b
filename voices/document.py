"""A profile as JSON, which people may edit: every mistake is told at once, each with its path and what would be right."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from voices.form import SCHEMA, Form
from voices.profile import VOICE_ID, Profile

# Everything at its longest, each character written as two escapes of six bytes, takes 3.8 million bytes.
MAX_BYTES: Final = 4_000_000
# A file can hold a mistake in every byte; nobody reads more than this many.
_MAX_PROBLEMS: Final = 50
# Editors on Windows may begin a file with one; RFC 8259 lets us pass over it.
_BOM: Final = b"\xef\xbb\xbf"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
# What is true of a voice here and now, and not of the voice.
_NOT_KEPT: Final = frozenset({"installed", "stored"})


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place of a profile; the path is empty for the whole of it."""

    path: str
    message: str


class BrokenProfile(Exception):
    """This is no profile of a voice. The text says everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems[:_MAX_PROBLEMS])
        told = [f"{one.path}: {one.message}" if one.path else one.message for one in self.problems]
        more = [f"and {len(problems) - _MAX_PROBLEMS} more"] if len(problems) > _MAX_PROBLEMS else []
        super().__init__("; ".join(told + more))


def read(data: bytes) -> Profile:
    """The profile in a file's bytes. Raises BrokenProfile."""
    return parsed(_json(data))


def parsed(given: object) -> Profile:
    """The profile in what JSON held. Raises BrokenProfile."""
    if not isinstance(given, dict):
        raise _broken(f"a profile is one JSON object, {{…}}, and this is {_kind_of(given)}")
    schema = given.get("schema")
    if isinstance(schema, int) and schema > SCHEMA:
        raise _broken(f"{schema} is of a newer voiced, and this one knows {SCHEMA}", "schema")
    try:
        return Form.model_validate(given).profile()
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        raise BrokenProfile([Problem(_path(one["loc"]), _text(one)) for one in found]) from None


def written(profile: Profile) -> bytes:
    """The file of a profile, the same bytes for the same facts. Raises BrokenProfile for what `read` would not take."""
    text = json.dumps({"schema": SCHEMA, **_plain(profile)}, ensure_ascii=False, indent=1, default=repr) + "\n"
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError:
        raise _broken("a text in it holds half of a character (a lone surrogate)") from None
    read(data)
    return data


def see_id(name: str) -> str:
    """The same name, where it can be the id of a voice. Raises BrokenProfile."""
    if not VOICE_ID.fullmatch(name):
        raise _broken(f"{name[:80]!r} is no voice id: small letters, digits and hyphens, at most 64", "id")
    return name


def _json(data: bytes) -> object:
    if len(data) > MAX_BYTES:
        raise _broken(f"it has {len(data)} bytes, and no profile needs more than {MAX_BYTES}")
    if data.startswith(_UTF_16):
        raise _broken("it is UTF-16: save it as UTF-8")
    try:
        return json.loads(data.removeprefix(_BOM).decode("utf-8"), object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise _broken(f"byte {error.start} is not UTF-8: save it as UTF-8") from None
    except json.JSONDecodeError as error:
        raise _broken(f"not JSON: {error.msg}, line {error.lineno} column {error.colno}") from None
    except (ValueError, RecursionError):
        raise _broken("not JSON that can be read: thousands of digits in one number, or of brackets") from None


def _once(pairs: Sequence[tuple[str, Any]]) -> Mapping[str, Any]:
    """JSON takes the last of two equal keys; whoever wrote both does not know which."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise _broken(f"{next(name for name in names if names.count(name) > 1)[:80]!r} is there twice")
    return found


def _plain(thing: Any) -> dict[str, object]:
    """A dataclass for JSON, in its own order, without what is as if it were not there."""
    kept = (field for field in fields(thing) if field.name not in _NOT_KEPT)
    told = {field.name: getattr(thing, field.name) for field in kept if not _usual(field, getattr(thing, field.name))}
    return {name: _value(value) for name, value in told.items()}


def _usual(field: Field[Any], value: object) -> bool:
    if value in ("", (), {}, None):
        return True
    if field.default_factory is not MISSING:
        return bool(value == field.default_factory())
    return field.default is not MISSING and value == field.default


def _value(value: object) -> object:
    if is_dataclass(value):
        return _plain(value)
    if isinstance(value, Mapping):
        return dict(value)
    return [_value(one) for one in value] if isinstance(value, tuple | list) else value


def _broken(message: str, path: str = "") -> BrokenProfile:
    return BrokenProfile([Problem(path, message)])


def _kind_of(given: object) -> str:
    return {list: "a list", str: "a text", type(None): "null"}.get(type(given), "a number or a truth value")


def _path(loc: Sequence[str | int]) -> str:
    """`defaults.speed`, `shares[0].weight`; a name that could not stand so is quoted."""
    return "".join(_step(part) for part in loc if part != "[key]").removeprefix(".")


def _step(part: int | str) -> str:
    if isinstance(part, str) and re.fullmatch(r"\w{1,80}", part):
        return f".{part}"
    return f"[{part}]" if isinstance(part, int) else f"[{part[:80]!r}]"


def _text(problem: ErrorDetails) -> str:
    if problem["type"] == "extra_forbidden":
        return "there is no such field"
    if problem["type"] == "missing":
        return "is missing"
    said, found = problem["msg"], problem["input"]
    if said.startswith("Input ") and isinstance(found, str | int | float | None):
        return f"{said.removeprefix('Input ')}, not {repr(found)[:80]}"
    return said.removeprefix("Input ")
