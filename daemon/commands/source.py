"""What `voiced models pull --from` says."""

from __future__ import annotations

from pathlib import Path

from daemon import hubs
from daemon.faults import Malformed
from models.checkpoints.hub import Hub


def hub(source: str) -> Hub:
    """A hub by name, an address, or a folder. Raises Malformed."""
    for name in hubs.VARIABLES:
        if source == name:
            return hubs.named(name)
    if "://" in source:
        return Hub("mirror", hubs.address(source))
    folder = Path(source).expanduser()
    if not folder.is_dir():
        raise Malformed(f"--from is huggingface, modelscope, an address or a folder, and {source!r} is none of them")
    return Hub("folder", str(folder))
