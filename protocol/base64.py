"""Bytes in JSON: base64 with or without padding, of either alphabet, in lines or not, maybe as a data URL."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any, Final

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

# Under `data:audio/wav;base64,`, which browsers put before a file that they have read.
_DATA_URL: Final = "data:"
_URL_SAFE: Final = str.maketrans("-_", "+/")
_PATTERN: Final = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"

SCHEMA: Final[dict[str, Any]] = {"type": "string", "contentEncoding": "base64", "pattern": _PATTERN}


def decoded(told: str) -> Callable[[object], object]:
    """Reads it; `told` is what is said of what cannot be read."""

    def read(value: object) -> object:
        if not isinstance(value, str):
            return value
        text = value.partition(",")[2] if value.startswith(_DATA_URL) else value
        text = "".join(text.translate(_URL_SAFE).split()).rstrip("=")
        try:
            return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        except (binascii.Error, ValueError):
            raise PydanticCustomError("base64", told) from None

    return read


def field(told: str) -> tuple[BeforeValidator, WithJsonSchema]:
    """What makes `bytes` a field of base64."""
    return BeforeValidator(decoded(told)), WithJsonSchema(SCHEMA)
