"""What every answer carries."""

from __future__ import annotations

import pytest

from tests.doors_http import Open, house

__all__ = ["house"]


@pytest.mark.parametrize("path", ["/", "/healthz", "/nope", "/api/v1/status", "/static/nope.js", "/v1/nope"])
async def test_every_answer_is_safe_in_a_browser(house: Open, path: str) -> None:
    h = await house()
    async with h.client.get(h.url + path) as response:
        csp = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in csp and "frame-ancestors 'none'" in csp
        assert "unsafe" not in csp and "*" not in csp
        for part in (
            "script-src 'self'", "style-src 'self'", "connect-src 'self'", "media-src 'self' blob:",
            "worker-src 'self' blob:", "img-src 'self' data:",
        ):  # fmt: skip
            assert part in csp
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["X-Request-Id"]
        assert "aiohttp" not in response.headers["Server"]
        assert not [name for name in response.headers if name.startswith("Access-Control")]


async def test_streams_carry_them_too(house: Open) -> None:
    h = await house()
    response = await h.say("Hi")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    await response.read()


async def test_a_callers_request_id_comes_back_if_it_is_a_plain_one(house: Open) -> None:
    h = await house()
    for given, kept in (("abc-1.2_Z", True), ("a" * 65, False), ("a b", False), ("<x>", False), ("", False)):
        async with h.client.post(
            f"{h.url}/api/v1/speech", json={"text": "Hi"}, headers={"X-Request-Id": given}
        ) as response:
            assert (response.headers["X-Request-Id"] == given) is kept
            assert response.headers["X-Request-Id"]
    async with h.client.get(h.url + "/nope", headers={"X-Request-Id": "mine"}) as response:
        assert response.headers["X-Request-Id"] == "mine"
