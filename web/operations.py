"""The parts of an OpenAPI operation: what it takes, what it answers, and what each status means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from outputs.audio import FORMATS

Json = dict[str, Any]

MEANINGS: Final[Mapping[int, str]] = {
    400: "Malformed: every mistake with its path",
    401: "A key is asked for and there is none",
    403: "A wrong key, or a page of another site",
    404: "There is no such thing here",
    408: "The rest of the body does not come",
    409: "It cannot be done as things are",
    413: "More text or more bytes than one request may hold",
    415: "The body is not JSON by its own account",
    416: "The file has no such range",
    422: "Well formed, but it cannot be spoken as asked",
    429: "The queue is full; try again after `Retry-After` seconds",
    500: "A failure of the daemon's own; its log has the details",
    503: "Nothing can be spoken now, and why",
    504: "No audio within the deadline",
}

ID: Final[Json] = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "minLength": 1},
}


def operation(
    summary: str, ok: Mapping[int, Json], errors: Iterable[int] = (), body: str | None = None, *,
    parameters: Iterable[Json] = (), error: str = "Error", open_to_all: bool = False,
) -> Json:  # fmt: skip
    guarded = () if open_to_all else (401, 403)
    told = {status: json_of(error, MEANINGS[status]) for status in (*guarded, *errors)}
    operation: Json = {
        "summary": summary,
        "parameters": list(parameters),
        "responses": {str(status): answer for status, answer in sorted({**told, **ok}.items())},
    }
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": ref(body)}}}
    if open_to_all:
        operation["security"] = []
    return operation


def json_of(schema: str, description: str | None = None) -> Json:
    return {"description": description or schema, "content": {"application/json": {"schema": ref(schema)}}}


def audio(description: str, others: Iterable[str]) -> Json:
    kinds = [*dict.fromkeys(form.media_type for form in FORMATS.values()), *others]
    names = ("X-Request-Id", "X-Run-Id", "X-Voice", "X-Seed", "X-Sample-Rate", "X-Verified", "X-Takes")
    headers = {name: {"schema": {"type": "string"}} for name in names}
    return {"description": description, "headers": headers, "content": {kind: {} for kind in kinds}}


def query(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def ref(schema: str) -> Json:
    return {"$ref": f"#/components/schemas/{schema}"}
