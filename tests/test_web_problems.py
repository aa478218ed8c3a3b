"""Failures as answers."""

from __future__ import annotations

import logging
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from daemon.faults import Detail, Fault
from tests.doors_http import Open, house
from web.problems import openai_shape

__all__ = ["house"]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"), (401, "authentication_error"), (403, "permission_error"),
        (404, "not_found_error"), (422, "invalid_request_error"), (429, "rate_limit_error"),
        (500, "server_error"), (503, "server_error"), (504, "server_error"),
    ],
)  # fmt: skip
def test_openai_shape(status: int, kind: str) -> None:
    told: Any = openai_shape(Fault("code", status, "words", (Detail("speed", "too fast"),)))
    assert told == {"error": {"message": "words", "type": kind, "param": "speed", "code": "code"}}


def test_an_unknown_model_has_openais_name() -> None:
    told: Any = openai_shape(Fault("unknown_model", 404, "none"))
    assert (told["error"]["code"], told["error"]["param"]) == ("model_not_found", None)


@pytest.mark.parametrize("path", ["/api/v1/voices", "/v1/models"])
async def test_a_bug_of_ours_is_logged_whole_and_told_to_nobody(
    house: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    h = await house()

    def broken() -> None:
        raise ZeroDivisionError("the secret inside")

    monkeypatch.setattr(h.voiced.casting, "everyone", broken)
    monkeypatch.setattr(type(h.voiced.engine), "models", property(lambda self: broken()), raising=False)
    async with h.client.get(h.url + path) as response:
        assert (response.status, response.content_type) == (500, "application/json")
        text = await response.text()
    assert "internal_error" in text
    assert "secret" not in text and "Traceback" not in text
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.exc_info and isinstance(record.exc_info[1], ZeroDivisionError)


async def test_what_a_caller_wrote_comes_back_as_ascii(house: Open) -> None:
    h = await house()
    response = await h.say("Hi", voice="голос\n\x00</script>")
    body = await response.read()
    assert response.status == 422
    assert body.isascii()
    assert (await response.json())["error"]["code"] == "unknown_voice"


async def test_redirects_of_handlers_pass(house: Open) -> None:
    assert issubclass(web.HTTPFound, web.HTTPException)
    h = await house(keys={"home": "k" * 20})
    async with h.client.get(f"{h.url}/?api_key={'k' * 20}", allow_redirects=False) as response:
        assert response.status == 303


async def test_a_body_too_large_is_413_in_the_doors_own_shape(house: Open) -> None:
    h = await house(max_text=1000)
    for path, field in (("/api/v1/speech", "text"), ("/v1/audio/speech", "input")):
        data = b'{"' + field.encode() + b'":"' + b"a" * 200_000 + b'"}'
        headers = {"Content-Type": "application/json"}
        async with h.client.post(h.url + path, data=data, headers=headers) as response:
            assert response.status == 413
            assert (await response.json())["error"]["code"] == "body_too_large"


async def test_a_compressed_bomb_is_stopped_by_its_real_size(house: Open) -> None:
    import gzip

    h = await house(max_text=1000)
    bomb = gzip.compress(b'{"text":"' + b"a" * 50_000_000 + b'"}')
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    async with h.client.post(h.url + "/api/v1/speech", data=bomb, headers=headers) as response:
        assert response.status == 413
    async with h.client.post(h.url + "/api/v1/speech", data=b"not gzip", headers=headers) as response:
        assert response.status == 400
        assert "error" in await response.json()


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "", "multipart/form-data", "a/b/c"]
)
async def test_only_json_is_read(house: Open, kind: str) -> None:
    h = await house()
    for path in ("/api/v1/speech", "/v1/audio/speech"):
        async with h.client.post(h.url + path, data=b'{"text":"a"}', headers={"Content-Type": kind}) as response:
            assert response.status == 415
            assert (await response.json())["error"]["code"] == "unsupported_media_type"


async def test_the_client_reads_every_problem_at_once(house: Open) -> None:
    h = await house()
    response = await h.say(5, speed="fast", seed=-3, sampling={"top_kk": 1})  # type: ignore[arg-type]
    assert response.status == 400
    error = (await response.json())["error"]
    assert {problem["path"] for problem in error["details"]} == {"text", "speed", "seed", "sampling.top_kk"}
    assert isinstance(response, aiohttp.ClientResponse)
