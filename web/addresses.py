"""Where runs are found over HTTP."""

from __future__ import annotations

from urllib.parse import quote


def url(run_id: str, file: str | None = None) -> str:
    """The address of a run, or of a file in it."""
    run = f"/api/v1/runs/{quote(run_id, safe='')}"
    return run if file is None else f"{run}/files/{quote(file)}"
