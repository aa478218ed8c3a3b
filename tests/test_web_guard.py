"""Keys, and the pages of other sites."""

from __future__ import annotations

import re
import socket
from http.cookies import SimpleCookie
from importlib.metadata import version
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from daemon import settings
from daemon.settings import SettingsMistake
from tests.doors_http import Open, house
from web.guard import COOKIE, Keys, is_loopback, warning

__all__ = ["house"]

KEY = "0123456789abcdef0123"
KEYS = {"home": KEY, "phone": "another-key-of-some-length"}


def keys_file(tmp_path: Path, text: str | bytes, mode: int = 0o600) -> Path:
    path = tmp_path / "keys"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return path


def test_a_file_of_keys(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    keys = Keys.read(keys_file(tmp_path, f"# ours\n\n  home {KEY}  \nphone\tanother-key-of-some-length\n"))
    assert keys.owner(KEY) == "home"
    assert keys.owner("another-key-of-some-length") == "phone"
    for wrong in ("", KEY[:-1], KEY + "x", KEY.upper(), "ключ", "\udcff"):
        assert keys.owner(wrong) is None
    assert not caplog.records


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "holds no key"),
        ("# nothing\n", "holds no key"),
        ("justakey\n", "line 1"),
        ("a b c\n", "line 1"),
        (f"home {KEY}\nhome {KEY}1\n", "line 2"),
        ("home clé-clé-clé-clé-clé\n", "line 1"),
        ("home a;b\n", "line 1"),
        (b"home \xff\xff\n", "not text"),
    ],
)
def test_a_file_that_guards_nothing_stops_the_start(tmp_path: Path, text: str | bytes, told: str) -> None:
    with pytest.raises(SettingsMistake, match=told):
        Keys.read(keys_file(tmp_path, text))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsMistake, match="cannot read the API keys"):
        Keys.read(tmp_path / "nothing")
    with pytest.raises(SettingsMistake, match="cannot read the API keys"):
        Keys.read(tmp_path)


def test_weak_spots_are_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Keys.read(keys_file(tmp_path, "home short\n", 0o644))
    assert "every user of this machine" in caplog.text
    assert "is short" in caplog.text
    assert "chmod 600" in caplog.text


@pytest.mark.parametrize(
    ("http", "loopback"),
    [
        ("127.0.0.1:1", True), ("localhost:1", True), ("[::1]:1", True), ("127.8.8.8:1", True),
        ("0.0.0.0:1", False), (":1", False), ("[::]:1", False), ("192.168.1.2:1", False),
        ("nas.local:1", False),
    ],
)  # fmt: skip
def test_who_can_reach_it(http: str, loopback: bool, tmp_path: Path) -> None:
    assert is_loopback(http) is loopback
    text = warning(settings.read({"http": http}, environ={}))
    assert (text is None) is loopback
    assert text is None or "api_keys" in text
    assert warning(settings.read({"http": http, "api_keys": tmp_path}, environ={})) is None
    assert warning(settings.read({"http": "none"}, environ={})) is None


@pytest.mark.parametrize(
    "headers", [{"Authorization": f"Bearer {KEY}"}, {"Authorization": f"bearer  {KEY}"}, {"X-API-Key": KEY}]
)
async def test_a_key_opens_every_door(house: Open, headers: dict[str, str]) -> None:
    h = await house(keys=KEYS)
    async with h.client.get(h.url + "/api/v1/status", headers=headers) as response:
        assert response.status == 200
    async with h.client.post(h.url + "/v1/audio/speech", json={"input": "Hi"}, headers=headers) as response:
        assert response.status == 200
    async with h.client.ws_connect(h.ws, headers=headers) as ws:
        await ws.send_json({"type": "start", "text": "Hi"})
        assert (await ws.receive_json())["type"] == "header"


@pytest.mark.parametrize(
    "path",
    ["/", "/api/v1/status", "/v1/models", "/metrics", "/openapi.json", "/ws/speech", "/nope", "/static/x.js"],
)
async def test_no_key_is_401_and_a_wrong_one_403(house: Open, path: str) -> None:
    h = await house(keys=KEYS)
    async with h.client.get(h.url + path) as response:
        assert response.status == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert (await response.json())["error"]["code"] == "key_missing"
    for headers in ({"Authorization": "Bearer wrong"}, {"X-API-Key": "wrong"}, {"Cookie": f"{COOKIE}=wrong"}):
        async with h.client.get(h.url + path, headers=headers) as response:
            assert response.status == 403
    for headers in ({"Authorization": "Basic aDpo"}, {"Authorization": "Bearer "}, {"X-API-Key": ""}):
        async with h.client.get(h.url + path, headers=headers) as response:
            assert response.status == 401


async def test_probes_need_no_key(house: Open) -> None:
    h = await house(keys=KEYS)
    for path in ("/healthz", "/readyz"):
        async with h.client.get(h.url + path) as response:
            assert response.status == 200


async def test_a_browser_visits_once_with_its_key(house: Open) -> None:
    h = await house(keys=KEYS)
    async with h.client.get(f"{h.url}/?api_key={KEY}&tab=2", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/?tab=2")
        cookie = response.headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    value = {"Cookie": f"{COOKIE}={KEY}"}
    async with h.client.get(h.url + "/", headers=value) as response:
        assert response.status == 200
    async with h.client.ws_connect(h.ws, headers={**value, "Origin": h.url}) as ws:
        await ws.send_json({"type": "cancel"})
    async with h.client.get(f"{h.url}/?api_key=wrong", allow_redirects=False) as response:
        assert response.status == 403
        assert "Set-Cookie" not in response.headers


PERSON = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


async def test_a_person_without_a_key_is_shown_where_to_put_it(house: Open) -> None:
    h = await house(keys=KEYS)
    for path in ("/", "/openapi.json", "/studio/runs", "/nope"):
        async with h.client.get(h.url + path, headers=PERSON) as response:
            page = await response.text()
            assert (response.status, response.content_type) == (401, "text/html")
            assert response.headers["WWW-Authenticate"].startswith("Bearer")
            assert response.headers["Cache-Control"] == "no-store"
            assert "script-src 'self'" in response.headers["Content-Security-Policy"]
        assert 'name="api_key"' in page and 'method="get" action="/"' in page
        assert version("voiced") not in page
    for file in sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))):
        async with h.client.get(h.url + file) as response:
            assert response.status == 200, file
    async with h.client.get(h.url + "/static/studio.js", headers=PERSON) as response:
        assert response.status == 401
    async with h.client.post(h.url + "/api/v1/speech", json={"text": "a"}, headers=PERSON) as response:
        assert (response.status, response.content_type) == (401, "application/json")


async def test_a_wrong_key_is_said_to_be_wrong(house: Open) -> None:
    h = await house(keys=KEYS)
    for ask in ({"params": {"api_key": "<wrong>"}}, {"cookies": {COOKIE: "of-last-year"}}):
        async with h.client.get(h.url + "/", headers=PERSON, **ask) as response:
            page = await response.text()
            assert response.status == 403
            assert "Set-Cookie" not in response.headers
        assert 'aria-invalid="true"' in page and "is not one of" in page and "wrong&gt;" not in page


async def test_a_key_is_taken_as_it_was_pasted(house: Open) -> None:
    h = await house(keys={"home": "aGVsbG8gd29ybGQ/+abc/def=="})
    for written in ("%20aGVsbG8gd29ybGQ/%2Babc/def==%0A", "aGVsbG8gd29ybGQ/+abc/def=="):
        address = URL(f"{h.url}/?api_key={written}", encoded=True)
        async with h.client.get(address, headers=PERSON, allow_redirects=False) as response:
            assert response.status == 303
            assert SimpleCookie(response.headers["Set-Cookie"])[COOKIE].value == "aGVsbG8gd29ybGQ/+abc/def=="


async def test_a_key_in_the_address_never_replaces_a_better_one(house: Open) -> None:
    h = await house(keys=KEYS)
    for key in ("", "junk"):
        headers = {"Authorization": f"Bearer {KEY}"}
        async with h.client.get(h.url + "/", params={"api_key": key}, headers=headers) as response:
            assert response.status == 200
            assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    ("passed_on", "status"),
    [
        ({"Host": "voice.example.com"}, 101),
        ({"X-Forwarded-Host": "voice.example.com"}, 101),
        ({"Sec-Fetch-Site": "same-origin"}, 101),
        ({}, 403),
        ({"X-Forwarded-Host": "evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
async def test_the_studio_behind_a_proxy_with_a_public_name(
    house: Open, passed_on: dict[str, str], status: int
) -> None:
    h = await house(keys=KEYS)
    headers = {"Cookie": f"{COOKIE}={KEY}", "Origin": "https://voice.example.com", **passed_on}
    if status == 101:
        async with h.client.ws_connect(h.ws, headers=headers) as ws:
            await ws.send_json({"type": "start", "text": "Hi"})
            assert (await ws.receive_json())["type"] == "header"
    else:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await h.client.ws_connect(h.ws, headers=headers)


async def test_a_proxy_does_not_open_the_door_to_a_strangers_name(house: Open) -> None:
    """Without keys a page whose name was rebound to this machine may set any header that it likes."""
    h = await house()
    evil = {"Host": "evil.example", "Origin": "http://evil.example", "X-Forwarded-Host": "evil.example"}
    async with h.client.post(
        h.url + "/api/v1/speech", json={"text": "a"}, headers={**evil, "Sec-Fetch-Site": "same-origin"}
    ) as response:
        assert response.status == 403


async def test_a_key_of_base64_survives_its_cookie(house: Open) -> None:
    key = "aGVsbG8gd29ybGQ/+abc/def=="
    h = await house(keys={"home": key})
    async with h.client.get(h.url + "/", params={"api_key": key}, allow_redirects=False) as response:
        cookie = response.headers["Set-Cookie"].partition(";")[0]
    async with h.client.get(h.url + "/api/v1/status", headers={"Cookie": cookie}) as response:
        assert response.status == 200
    async with h.client.get(h.url + "/api/v1/status", params={"api_key": key}) as response:
        assert response.status == 200  # a program gets its answer, not a cookie


async def test_a_websocket_may_carry_its_key_in_the_address(house: Open) -> None:
    h = await house(keys=KEYS)
    async with h.client.ws_connect(f"{h.ws}?api_key={KEY}") as ws:
        await ws.send_json({"type": "start", "text": "Hi"})
        assert (await ws.receive_json())["type"] == "header"
    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        await h.client.ws_connect(f"{h.ws}?api_key=wrong")
    with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
        await h.client.ws_connect(h.ws)


async def test_a_cookie_is_not_lent_to_other_sites(house: Open) -> None:
    h = await house(keys=KEYS)
    stolen = {"Cookie": f"{COOKIE}={KEY}", "Origin": "http://127.0.0.1:1"}
    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        await h.client.ws_connect(h.ws, headers=stolen)
    async with h.client.post(h.url + "/api/v1/speech", json={"text": "a"}, headers=stolen) as response:
        assert response.status == 403


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "https://127.0.0.1.evil.example",
        "http://[",
        "http://",
        "http://127.0.0.1:1",
    ],
)
async def test_pages_of_other_sites_stay_out_without_keys(house: Open, origin: str) -> None:
    h = await house()
    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        await h.client.ws_connect(h.ws, headers={"Origin": origin})
    async with h.client.post(h.url + "/api/v1/speech", json={"text": "a"}, headers={"Origin": origin}) as response:
        assert response.status == 403
        assert (await response.json())["error"]["code"] == "forbidden"
    async with h.client.delete(h.url + "/api/v1/runs/x", headers={"Origin": origin}) as response:
        assert response.status == 403


async def test_our_own_page_comes_in(house: Open) -> None:
    h = await house()
    async with h.client.post(h.url + "/api/v1/speech", json={"text": "a"}, headers={"Origin": h.url}) as response:
        assert response.status == 200
    async with h.client.ws_connect(h.ws, headers={"Origin": h.url}) as ws:
        await ws.send_json({"type": "cancel"})


async def test_a_strangers_name_for_this_machine_is_refused(house: Open) -> None:
    """DNS rebinding: the browser believes that evil.example is here, so Origin and Host agree."""
    h = await house()
    evil = {"Host": f"evil.example:{h.port}", "Origin": f"http://evil.example:{h.port}"}
    for headers in (evil, {"Host": evil["Host"]}):
        async with h.client.get(h.url + "/api/v1/runs", headers=headers) as response:
            assert response.status == 403
    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        await h.client.ws_connect(h.ws, headers=evil)
    async with h.client.get(h.url + "/healthz", headers={"Host": "evil.example"}) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    "host",
    ["localhost", "nas", "voiced.local", "[::1]:10201", "192.168.1.5", "a.home.arpa", socket.gethostname()],
)
async def test_names_of_a_home_are_fine(house: Open, host: str) -> None:
    h = await house()
    async with h.client.get(h.url + "/api/v1/status", headers={"Host": host}) as response:
        assert response.status == 200


async def test_with_keys_any_name_will_do(house: Open) -> None:
    h = await house(keys=KEYS)
    headers = {"Host": "voice.example.com", "X-API-Key": KEY}
    async with h.client.get(h.url + "/api/v1/status", headers=headers) as response:
        assert response.status == 200
