"""Every failure becomes one JSON answer: ours in the contract's shape, OpenAI's routes in OpenAI's."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from daemon.faults import Fault, describe, is_ours

_LOG = logging.getLogger(__name__)

OPENAI_PREFIX: Final = "/v1/"


class Problem(Exception):
    """What only HTTP knows to be wrong."""

    code: str
    status: HTTPStatus

    def __init__(self, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.headers = headers or {}


class UnsupportedMediaType(Problem):
    """The body is not JSON by its own account."""

    code, status = "unsupported_media_type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class Unfinished(Problem):
    """The rest of the request does not come."""

    code, status = "request_timeout", HTTPStatus.REQUEST_TIMEOUT


class RecordingTooLarge(Problem):
    """More bytes than a recording of the longest useful length has."""

    code, status = "recording_too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class KeyMissing(Problem):
    """There are keys, and the request has none."""

    code, status = "key_missing", HTTPStatus.UNAUTHORIZED


class Forbidden(Problem):
    """Not for whoever asks: a page of somebody else's, a stranger's name, a wrong key."""

    code, status = "forbidden", HTTPStatus.FORBIDDEN


class WrongKey(Forbidden):
    """There are keys, and the request's is none of them."""


class Conflict(Problem):
    """It cannot be done as things are."""

    code, status = "conflict", HTTPStatus.CONFLICT


class WebSocketExpected(Problem):
    """A plain request, or a broken handshake, where a WebSocket is spoken."""

    code, status = "websocket_expected", HTTPStatus.UPGRADE_REQUIRED


# What aiohttp raises by itself, in our words.
_HTTP: Final[Mapping[int, tuple[str, str]]] = {
    400: ("malformed", "the request is not HTTP as it is spoken here"),
    404: ("not_found", "there is nothing at this address; GET /openapi.json tells what there is"),
    405: (
        "method_not_allowed",
        "this address does not take this method; the Allow header tells which it takes",
    ),
    413: ("body_too_large", "the body is larger than any request of this daemon can be"),
}
# The types that OpenAI's own answers use.
_OPENAI_TYPES: Final[Mapping[int, str]] = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


@web.middleware
async def faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer for whatever a handler raises. An answer that has begun breaks its own transfer instead."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        return refuse(request, _of_http(error), _headers(error.headers))
    except Problem as error:
        return refuse(request, Fault(error.code, error.status, str(error)), error.headers)
    except ConnectionError:
        raise  # the caller is gone: there is nobody to answer
    except Exception as error:  # noqa: BLE001 — the boundary of a connection
        if is_ours(error):
            _LOG.exception("%s %s failed", request.method, request.path)
        return refuse(request, describe(error))


def refuse(request: web.Request, fault: Fault, headers: Mapping[str, str] | None = None) -> web.Response:
    """The answer for a fault, in the shape that this route's clients read."""
    told = openai_shape(fault) if request.path.startswith(OPENAI_PREFIX) else fault.as_dict()
    sent = dict(headers or {})
    if fault.retry_after_s is not None:
        sent["Retry-After"] = str(fault.retry_after_s)
    text = json.dumps(told)  # escaped: whatever a caller wrote comes back as plain ASCII
    return web.Response(text=text, status=fault.status, headers=sent, content_type="application/json")


def openai_shape(fault: Fault) -> dict[str, object]:
    """OpenAI's error object, from which its SDK makes typed exceptions."""
    ours = fault.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    kind = "server_error" if ours else _OPENAI_TYPES.get(fault.status, "invalid_request_error")
    param = fault.details[0].path or None if fault.details else None
    code = "model_not_found" if fault.code == "unknown_model" else fault.code
    return {"error": {"message": fault.message, "type": kind, "param": param, "code": code}}


def _of_http(error: web.HTTPException) -> Fault:
    code, message = _HTTP.get(error.status, ("http_error", error.reason))
    return Fault(code, error.status, message)


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Those of aiohttp's answer that mean something in ours."""
    return {name: value for name, value in headers.items() if name in ("Allow", "Connection")}
