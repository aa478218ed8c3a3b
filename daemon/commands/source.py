"""What `voiced models pull --from` says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from daemon.faults import Malformed
from models.checkpoints.hub import ENDPOINTS, Hub

# Hugging Face's and ModelScope's own names for another address and for a key, so that one setting serves all programs.
_VARIABLES: Final = {
    "huggingface": ("HF_ENDPOINT", "HF_TOKEN"),
    "modelscope": ("MODELSCOPE_ENDPOINT", "MODELSCOPE_API_TOKEN"),
}


def hub(source: str) -> Hub:
    """A hub by name, an address, or a folder. Raises Malformed."""
    if source in _VARIABLES:
        endpoint, token = (os.environ.get(name, "").strip() for name in _VARIABLES[source])
        if not (token.isascii() and token.isprintable()):
            raise Malformed(f"{_VARIABLES[source][1]} holds no token: one is plain ASCII")
        return Hub(
            "huggingface" if source == "huggingface" else "modelscope", _address(endpoint or ENDPOINTS[source]), token
        )
    if "://" in source:
        return Hub("mirror", _address(source))
    folder = Path(source).expanduser()
    if not folder.is_dir():
        raise Malformed(f"--from is huggingface, modelscope, an address or a folder, and {source!r} is none of them")
    return Hub("folder", str(folder))


def _address(text: str) -> str:
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not parts.username
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment:
        raise Malformed(f"{text!r} is no address of a hub; one is https://HOST[:PORT][/PATH]")
    return text.rstrip("/")
