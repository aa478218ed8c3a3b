"""Where a model may be pulled from, by the names and settings that all programs share; and what is asked for there."""

from __future__ import annotations

import os
from typing import Final, Literal
from urllib.parse import urlsplit

from daemon.faults import Malformed, UnknownModel
from models.checkpoints.download import Patience
from models.checkpoints.hub import ENDPOINTS, Hub
from models.checkpoints.order import Order
from models.checkpoints.order import order as _order
from models.checkpoints.released import RELEASES

Name = Literal["huggingface", "modelscope"]

# Hugging Face's and ModelScope's own names for another address and for a key, so that one setting serves all programs.
VARIABLES: Final[dict[Name, tuple[str, str]]] = {
    "huggingface": ("HF_ENDPOINT", "HF_TOKEN"),
    "modelscope": ("MODELSCOPE_ENDPOINT", "MODELSCOPE_API_TOKEN"),
}


def named(name: Name) -> Hub:
    """A hub with the address and the token of the environment. Raises Malformed."""
    endpoint, token = (os.environ.get(variable, "").strip() for variable in VARIABLES[name])
    if not (token.isascii() and token.isprintable()):
        raise Malformed(f"{VARIABLES[name][1]} holds no token: one is plain ASCII")
    return Hub(name, address(endpoint or ENDPOINTS[name]), token)


def address(text: str) -> str:
    """An address as a hub has one. Raises Malformed."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not parts.username
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment:
        raise Malformed(f"{text!r} is no address of a hub; one is https://HOST[:PORT][/PATH]")
    return text.rstrip("/")


def order(model: str, hub: Hub, revision: str | None = None, patience: Patience | None = None) -> Order:
    """The order for a model by any of its names. Raises UnknownModel."""
    wanted = _order(model, hub, revision, patience)
    if wanted is None:
        names = " ".join(release.slug for release in RELEASES)
        raise UnknownModel(f"no model is called {model[:200]!r}; there are {names}, and any OWNER/NAME of a hub")
    return wanted
