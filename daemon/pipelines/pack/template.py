"""The template of file names, such as `{voice}/{id}`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Final

from daemon.pipelines.filenames import folder, parts_of, problem, safe

_FIELD: Final = re.compile(r"\{[^{}]*\}")
# What stands for a field that a row does not fill.
_NOTHING: Final = "default"


class Template:
    """Fills in the fields; whatever they hold, the name stays in its folder."""

    def __init__(self, text: str) -> None:
        """Raises ValueError for what could never be a file's name."""
        try:
            fields = list(Formatter().parse("/".join(parts_of(text))))
        except ValueError as error:
            raise ValueError(f"the template {text[:80]!r} has a bracket without its other: {error}") from None
        for _, name, spec, how in fields:
            if spec or how or name == "":
                raise ValueError(f"the template's field {name!r} may be a name alone, as in {{id}}")
        self._parts: Sequence[tuple[str, str | None]] = [(before, name) for before, name, _, _ in fields]
        if told := problem(_FIELD.sub("x", text)):
            raise ValueError(f"the template {text[:80]!r} makes no file name: {told}")

    @property
    def fields(self) -> set[str]:
        """The names that it asks for."""
        return {name for _, name in self._parts if name}

    def filled(self, values: Mapping[str, str]) -> str:
        """The name, without an ending; a slash in a value is no folder."""
        text = "".join(before + (_flat(values.get(name) or _NOTHING) if name else "") for before, name in self._parts)
        *folders, file = text.replace("\\", "/").split("/")
        return "/".join([*map(folder, folders), safe(file)])


def _flat(value: str) -> str:
    return value.replace("/", "_").replace("\\", "_")
