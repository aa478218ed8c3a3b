"""What every answer carries: the request's id, and what a browser may do with it."""

from __future__ import annotations

from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from web.context import REQUEST_ID, new_request_id

# The studio's own files and nothing else: nothing inline, nothing from elsewhere, in nobody's frame.
_CSP: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "media-src 'self' blob:",
        "worker-src 'self' blob:",
        "img-src 'self' data:",
        "font-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_SECURITY: Final = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@web.middleware
async def name(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request its id, before anything can go wrong with it."""
    request[REQUEST_ID] = new_request_id(request)
    return await handler(request)


async def dress(request: web.Request, response: web.StreamResponse) -> None:
    """For `on_response_prepare`: streams and failures pass here too, just before their headers leave."""
    response.headers.setdefault("X-Request-Id", request.get(REQUEST_ID) or "-")
    for header, value in _SECURITY.items():
        response.headers.setdefault(header, value)
    response.headers["Server"] = "voiced"  # versions are nobody's business
