"""The form of a safetensors file: whether it is as long as its own head says. Its numbers are not read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

# The heads of the released models are 60 kB long; safetensors itself allows 100 MB.
_HEAD_BYTES: Final = 100_000_000


def cut(path: Path) -> str:
    """What is wrong with the file's length; empty when it is right. Raises OSError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= min(_HEAD_BYTES, size - 8):
            return "it is no safetensors file, or the rest of one that was cut"
        head = file.read(length)
    try:
        tensors = [entry for name, entry in json.loads(head).items() if name != "__metadata__"]
        end = 8 + length + max((int(entry["data_offsets"][1]) for entry in tensors), default=0)
    except (ValueError, AttributeError, KeyError, TypeError, IndexError, RecursionError):
        return "its head cannot be read"
    return "" if end == size else f"it has {size} bytes, and its head says {end}"
