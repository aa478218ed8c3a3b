"""The page that asks a person for a key, where a program gets a line of JSON."""

from __future__ import annotations

from typing import Final

from aiohttp import hdrs, web

from web.pages import html
from web.problems import KeyMissing, WrongKey

# What the page is made of; it says nothing that the release does not say to everybody.
FILES: Final = frozenset(f"/static/{name}" for name in ("house.css", "studio.css", "theme.js", "mark.svg"))


def is_for(request: web.Request) -> bool:
    """Whether a person looks at what comes back; programs take anything, or JSON."""
    return request.method in ("GET", "HEAD") and "text/html" in request.headers.get(hdrs.ACCEPT, "").casefold()


def page(problem: KeyMissing | WrongKey) -> web.Response:
    """The form, and what was wrong with the last key."""
    response = html("gate.html.j2", problem.status, wrong=isinstance(problem, WrongKey))
    response.headers.update({**problem.headers, hdrs.CACHE_CONTROL: "no-store"})
    return response
