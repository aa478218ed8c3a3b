"""What every handler needs."""

from __future__ import annotations

from daemon import settings
from tests.doors_http import Open, house
from web.context import body_limit

__all__ = ["house"]


async def test_every_legal_text_fits_however_it_is_escaped(house: Open) -> None:
    h = await house(max_text=500)
    for character in ("a", "é", "漢", "\U0001d4b3"):
        text = character * 500
        for escaped in (True, False):
            import json

            body = json.dumps({"text": text, "language": "en"}, ensure_ascii=escaped).encode()
            assert len(body) < body_limit(h.voiced.settings)
            async with h.client.post(
                h.url + "/api/v1/speech",
                data=body,
                headers={"Content-Type": "application/json; charset=utf-8"},
            ) as response:
                assert response.status == 200, await response.text()


def test_a_body_has_an_end() -> None:
    assert body_limit(settings.read({"max_text": 100_000}, environ={})) < 2_000_000
