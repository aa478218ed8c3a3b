"""Templates become pages."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Final

from aiohttp import hdrs, web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

_TEMPLATES: Final = Path(__file__).parent / "templates"
# What changes with an update is asked for anew; an unchanged file costs one 304.
FRESH: Final = {hdrs.CACHE_CONTROL: "private, no-cache"}


def html(template: str, status: HTTPStatus = HTTPStatus.OK, **facts: object) -> web.Response:
    """A page, or a part of one."""
    text = _templates().get_template(template).render(**facts)
    return web.Response(text=text, status=status, content_type="text/html", headers=FRESH)


@cache
def _templates() -> Environment:
    # Every template is HTML, and `.html.j2` is not an ending that Jinja would know by itself.
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
