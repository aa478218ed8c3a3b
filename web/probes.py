"""What machines ask: alive, able to speak, how much, and what the routes are."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from aiohttp import web

from protocol import answers
from web.context import VOICED, answer
from web.documents import openapi

# Not loaded is able: the first request loads it.
_ABLE: Final = frozenset({"ready", "unloaded"})
_EXPOSITION: Final = "text/plain; version=0.0.4; charset=utf-8"


async def alive(request: web.Request) -> web.Response:
    """`GET /healthz`: the loop turns."""
    return answer(answers.Health(status="ok"))


async def ready(request: web.Request) -> web.Response:
    """`GET /readyz`: 200 when the next request can be spoken, else 503 and why."""
    status = request.app[VOICED].engine.status()
    if status.state.value in _ABLE:
        return answer(answers.Health(status="ok"))
    return answer(answers.Health(status="unavailable", reason=status.reason), HTTPStatus.SERVICE_UNAVAILABLE)


async def metrics(request: web.Request) -> web.Response:
    """`GET /metrics`: Prometheus."""
    voiced = request.app[VOICED]
    return web.Response(body=voiced.metrics.page(voiced.engine), headers={"Content-Type": _EXPOSITION})


async def document(request: web.Request) -> web.Response:
    """`GET /openapi.json`."""
    return web.json_response(openapi(request.app[VOICED]))
