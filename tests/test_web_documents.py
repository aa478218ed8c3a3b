"""The OpenAPI document: complete against the routes, and true of this daemon."""

from __future__ import annotations

import re
from typing import Any

from tests.doors_http import Open, house
from web.app import build
from web.studio import routes as studio_routes

__all__ = ["house"]


async def test_every_route_is_in_it_and_nothing_else(house: Open) -> None:
    h = await house()
    document = await h.json("/openapi.json")
    told = {(path, method) for path, item in document["paths"].items() for method in item}
    studio = {route.path for route in studio_routes()} | {"/ws/speech"}  # OpenAPI has no words for a WebSocket
    real = {
        (re.sub(r"\{(\w+)(:[^}]*)?\}", r"{\1}", resource.canonical), route.method.lower())
        for resource in build(h.voiced, None).router.resources()
        for route in resource
        if route.method != "HEAD"
    }
    assert told == {route for route in real if not any(_same(route[0], page) for page in studio)}
    assert "/ws/speech" in document["info"]["description"]


def _same(path: str, page: str) -> bool:
    return path == re.sub(r"\{(\w+)(:[^}]*)?\}", r"{\1}", page)


async def test_it_knows_the_voices_that_are_here(house: Open) -> None:
    h = await house()
    schemas = (await h.json("/openapi.json"))["components"]["schemas"]
    assert "tone-2" in str(schemas["Speech"]["properties"]["voice"])
    assert "alloy" in str(schemas["OpenAISpeech"]["properties"]["voice"])
    assert "ko" in str(schemas["Speech"]["properties"]["language"])
    assert schemas["Sampling"]["properties"].keys() >= {"top_k", "subtalker_top_p"}


async def test_every_reference_leads_somewhere(house: Open) -> None:
    h = await house()
    document = await h.json("/openapi.json")

    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [found for inner in value.values() for found in references(inner)]
        return [found for inner in value for found in references(inner)] if isinstance(value, list) else []

    names = {reference.removeprefix("#/components/schemas/") for reference in references(document)}
    assert names <= set(document["components"]["schemas"])
    assert {"Error", "OpenAIError", "Speech", "OpenAISpeech"} <= names


async def test_keys_are_in_it_where_there_are_keys(house: Open, tmp_path: Any) -> None:
    key = "k" * 20
    h = await house(keys={"home": key}, api_keys=tmp_path / "keys")
    async with h.client.get(h.url + "/openapi.json", headers={"X-API-Key": key}) as response:
        document = await response.json()
    assert document["security"] == [{"bearer": []}, {"header": []}]
    assert document["paths"]["/healthz"]["get"]["security"] == []
