"""Uploads over HTTP: forms, bare bodies, and everything that is sent by mistake or on purpose."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
import struct
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest

from tests.doors_http import House, Open, house
from tests.test_outputs_decoder import TONE, coded, wav
from web import files as module
from web.guard import COOKIE

__all__ = ["house"]

UPLOAD = "/api/v1/files/upload"
KEY = "k" * 20
SOUND = wav()


def kept(h: House) -> list[Path]:
    root = h.voiced.settings.data_dir / "voices" / "files"
    return sorted(root.iterdir()) if root.exists() else []


async def sent(h: House, body: Any, status: int = 201, **headers: str) -> Any:
    async with h.client.post(h.url + UPLOAD, data=body, headers=headers) as response:
        answer = await response.json()
        assert response.status == status, answer
        return answer


async def refused(h: House, body: Any, status: int, code: str, told: str = "", **headers: str) -> None:
    """It is told why, and nothing of it is left."""
    error = (await sent(h, body, status, **headers))["error"]
    assert error["code"] == code
    assert told in error["message"]
    assert not kept(h)


def form(data: bytes, name: str = "file", **more: str) -> aiohttp.FormData:
    made = aiohttp.FormData()
    made.add_field(name, io.BytesIO(data), **({"filename": "me.wav", "content_type": "audio/wav"} | more))
    return made


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "opus"])
async def test_a_form_and_a_bare_body_are_the_same_file(house: Open, kind: str) -> None:
    h, data = await house(), coded(kind)
    async with h.client.post(h.url + UPLOAD, data=form(data)) as response:
        assert response.status == 201
        facts = await response.json()
        assert response.headers["Location"] == f"/api/v1/files/{facts['file_id']}"
    assert facts.keys() == {"file_id", "bytes", "seconds", "sample_rate", "channels", "format", "expires_at"}
    assert facts["file_id"] == f"file-{hashlib.sha256(data).hexdigest()[:32]}"
    assert (facts["bytes"], facts["format"], facts["channels"]) == (len(data), "ogg" if kind == "opus" else kind, 1)
    assert datetime.fromisoformat(facts["expires_at"]).tzinfo is not None
    for content_type in ("audio/wav", "audio/x-anything", "application/octet-stream", "application/ogg"):
        assert (await sent(h, data, **{"Content-Type": content_type}))["file_id"] == facts["file_id"]
    assert len(kept(h)) == 1


async def test_what_is_known_and_what_was_sent_come_back(house: Open) -> None:
    h = await house()
    facts = await sent(h, form(coded("flac")))
    address = f"{h.url}/api/v1/files/{facts['file_id']}"
    async with h.client.get(address) as response:
        assert (await response.json()).keys() == facts.keys()
    async with h.client.get(address + "/content") as response:
        assert await response.read() == coded("flac")
        assert response.headers["Content-Type"] == "audio/flac"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Disposition"] == f'attachment; filename="{facts["file_id"]}.flac"'
    async with h.client.get(address + "/content", headers={"Range": "bytes=4-7"}) as response:
        assert (response.status, await response.read()) == (206, coded("flac")[4:8])
    async with h.client.delete(address) as response:
        assert (response.status, await response.read()) == (204, b"")
    for method, end in (("GET", ""), ("GET", "/content"), ("DELETE", "")):
        async with h.client.request(method, address + end) as response:
            assert (response.status, (await response.json())["error"]["code"]) == (404, "unknown_file")
    assert not kept(h)


async def test_a_file_in_use_is_not_deleted(house: Open) -> None:
    h = await house()
    facts = await sent(h, SOUND, **{"Content-Type": "audio/wav"})
    async with (
        h.voiced.files.held(facts["file_id"]),
        h.client.delete(f"{h.url}/api/v1/files/{facts['file_id']}") as response,
    ):
        assert (response.status, (await response.json())["error"]["code"]) == (409, "file_busy")


@pytest.mark.parametrize(
    "path", ["..%2F..%2Fetc%2Fpasswd", "file-%2e%2e%2f", "file-..", "uploads", "file-" + "0" * 32, "%00", "*"]
)
async def test_an_id_is_no_path(house: Open, path: str) -> None:
    h = await house()
    await sent(h, form(SOUND))
    for end in ("", "/content"):
        async with h.client.get(f"{h.url}/api/v1/files/{path}{end}") as response:
            assert response.status == 404


@pytest.mark.parametrize(
    "name",
    ["../../../etc/cron.d/x", "..\\..\\x.wav", "/etc/passwd", "C:\\x.wav", ".new-0", "ж.wav", "a" * 5000, "%2e%2e/x",
     "me.html", "me.zip", "con", ""],
)  # fmt: skip
async def test_the_name_of_a_file_means_nothing(house: Open, name: str) -> None:
    h = await house()
    facts = await sent(h, form(SOUND, filename=name))
    assert facts["format"] == "wav"
    root = h.voiced.settings.data_dir
    everything = [path.relative_to(root) for path in root.rglob("*") if path.is_file()]
    digest = hashlib.sha256(SOUND).hexdigest()
    assert everything == [Path("voices/files") / f"{digest}_1000_24000_1.wav"]


def _zip(**more: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in {"bomb.wav": bytes(5_000_000), **more}.items():
            packed.writestr(name, data)
    return file.getvalue()


def _ffconcat() -> bytes:
    return b"ffconcat version 1.0\nfile '/etc/passwd'\nduration 1\n"


NOT_AUDIO = {
    "nothing": b"",
    "a zip bomb": _zip(),
    "a zip with sound": _zip(**{"me.wav": SOUND}),
    "gzip": gzip.compress(SOUND),
    "a gzip bomb": gzip.compress(bytes(20_000_000)),
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "elf": b"\x7fELF\x02\x01\x01" + bytes(500),
    "png": b"\x89PNG\r\n\x1a\n" + bytes(500),
    "pdf": b"%PDF-1.7\n" + bytes(100),
    "m3u": b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "concat": _ffconcat(),
    "concat behind a head": b"RIFF" + _ffconcat(),
    "sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n",
    "a head alone": SOUND[:12],
    "no samples": wav(TONE[:0]),
    "a head and junk": b"RIFF\xff\xff\xff\xffWAVE" + b"junk" * 5000,
    "an ogg of nothing": b"OggS" + bytes(5000),
    "text": "Just some words.".encode("utf-16") * 500,
    "avi": b"RIFF\x00\x10\x00\x00AVI LIST" + bytes(5000),
}


@pytest.mark.parametrize("what", NOT_AUDIO)
async def test_what_is_no_recording_is_refused_and_leaves_nothing(house: Open, what: str) -> None:
    h = await house()
    await refused(h, form(NOT_AUDIO[what]), 422, "unreadable_audio")
    await refused(h, NOT_AUDIO[what], 422, "unreadable_audio", **{"Content-Type": "audio/wav"})


def _float(*samples: float) -> bytes:
    data = struct.pack(f"<{len(samples)}f", *samples) * 4000
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, 1, 8000, 32_000, 4, 32)
    return (
        struct.pack("<4sI4s", b"RIFF", 36 + len(data), b"WAVE") + head + struct.pack("<4sI", b"data", len(data)) + data
    )


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (wav(TONE[:1]), "3 to 15 s"),
        (wav(np.zeros(3 * 3600 * 4000, "<i2"), 4000), "longer than 600 s"),
        (_float(0.0, float("nan")), "not numbers"),
        (_float(0.5, float("inf")), "not numbers"),
        (wav(TONE, rate=400_000), "400000 samples a second"),
    ],
    ids=["one sample", "three hours", "nan", "inf", "a rate of nobody"],
)
async def test_sound_that_nobody_can_use_is_refused_with_a_sentence(house: Open, data: bytes, told: str) -> None:
    await refused(await house(), form(data), 422, "unreadable_audio", told)


async def test_what_decodes_counts_whatever_stands_around_it(house: Open) -> None:
    h = await house()
    polyglot = SOUND + _zip()
    for data in (polyglot, SOUND + b"<script>alert(1)</script>"):
        assert (await sent(h, form(data, filename="x.html", content_type="text/html")))["seconds"] == 1
    await _content_is_a_download(h, hashlib.sha256(polyglot).hexdigest())


async def _content_is_a_download(h: House, digest: str) -> None:
    async with h.client.get(f"{h.url}/api/v1/files/file-{digest[:32]}/content") as response:
        assert response.headers["Content-Type"] == "audio/wav"
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "application/x-www-form-urlencoded", "image/png",
                                          "multipart/mixed; boundary=x"])  # fmt: skip
async def test_another_type_of_body_is_not_read(house: Open, content_type: str) -> None:
    h = await house()
    await refused(h, SOUND, 415, "unsupported_media_type", "multipart/form-data", **{"Content-Type": content_type})


async def test_a_packed_body_is_not_unpacked(house: Open) -> None:
    h = await house()
    packed = {"Content-Type": "audio/wav", "Content-Encoding": "gzip"}
    await refused(h, gzip.compress(SOUND), 415, "unsupported_media_type", "not packed", **packed)


async def test_too_much_is_refused_before_it_comes_and_while_it_comes(house: Open) -> None:
    h = await house(upload_mb=0.1)
    large = wav(np.tile(TONE, 10))
    await refused(h, form(large), 413, "file_too_large", "0.1 MB")
    await refused(h, large, 413, "file_too_large", "upload_mb", **{"Content-Type": "audio/wav"})

    async def pieces() -> Any:
        for at in range(0, len(large), 10_000):
            yield large[at : at + 10_000]

    await refused(h, pieces(), 413, "file_too_large", **{"Content-Type": "audio/wav"})
    chunked = aiohttp.FormData()
    chunked.add_field("file", pieces(), filename="x")
    await refused(h, chunked, 413, "file_too_large")
    h = await house(upload_mb=len(SOUND) / 1e6)
    assert (await sent(h, form(SOUND)))["bytes"] == len(SOUND)


B = "----boundary"
DISPOSITION = b'Content-Disposition: form-data; name="file"; filename="x"\r\n'


def part(data: bytes, headers: bytes = DISPOSITION) -> bytes:
    return f"--{B}\r\n".encode() + headers + b"\r\n" + data + b"\r\n"


END = f"--{B}--\r\n".encode()
FIELD = b'Content-Disposition: form-data; name="purpose"\r\n'
MALFORMED = {
    "no part": END,
    "no body": b"",
    "no boundary": SOUND,
    "another name": part(SOUND, FIELD) + END,
    "no name": part(SOUND, b"Content-Type: audio/wav\r\n") + END,
    "a broken name": part(SOUND, b'Content-Disposition: form-data; name="file\r\n') + END,
    "two files": part(SOUND) + part(SOUND) + END,
    "a field before": part(b"x", FIELD) + part(SOUND) + END,
    "a field behind": part(SOUND) + part(b"x", FIELD) + END,
    "no end": part(SOUND),
    "an end cut off": part(SOUND) + END[:6],
    "only headers": f"--{B}\r\n".encode() + DISPOSITION,
    "base64": part(b"UklGRg==", DISPOSITION + b"Content-Transfer-Encoding: base64\r\n") + END,
    "a form in a form": part(SOUND, b"Content-Type: multipart/mixed; boundary=x\r\n") + END,
    "a huge header": part(SOUND, DISPOSITION + b"X: " + b"x" * 100_000 + b"\r\n") + END,
    "a thousand headers": part(SOUND, DISPOSITION + b"X: y\r\n" * 1000) + END,
    "a huge field": part(b"x" * 100_000, FIELD) + part(SOUND) + END,
    "a huge field behind": part(SOUND) + part(b"x" * 100_000, FIELD) + END,
    "a line without end": b"x" * 300_000,
    "a header that is none": part(SOUND, b"nonsense\r\n" + DISPOSITION) + END,
}


@pytest.mark.parametrize("what", MALFORMED)
async def test_a_form_that_is_broken_is_told_and_leaves_nothing(house: Open, what: str) -> None:
    h = await house()
    await refused(h, MALFORMED[what], 400, "malformed", **{"Content-Type": f"multipart/form-data; boundary={B}"})


@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=" + "x" * 100])
async def test_a_form_without_a_boundary(house: Open, boundary: str) -> None:
    h = await house()
    async with h.client.post(
        h.url + UPLOAD,
        data=SOUND,
        headers={"Content-Type": f"multipart/form-data{boundary}"},
        skip_auto_headers=["Content-Type"],
    ) as response:
        assert response.status == 400
    assert not kept(h)


async def test_a_form_in_pieces_of_any_size(house: Open) -> None:
    h, body = await house(), part(SOUND) + END
    for size in (1_000, 4_096, 70_000):

        async def pieces(size: int = size) -> Any:
            for at in range(0, len(body), size):
                yield body[at : at + size]
                await asyncio.sleep(0)

        facts = await sent(h, pieces(), **{"Content-Type": f"multipart/form-data; boundary={B}"})
        assert facts["file_id"] == f"file-{hashlib.sha256(SOUND).hexdigest()[:32]}"


async def begun(h: House, head: str, body: bytes) -> asyncio.StreamWriter:
    _, writer = await asyncio.open_connection("127.0.0.1", h.port)
    writer.write(f"POST {UPLOAD} HTTP/1.1\r\nHost: 127.0.0.1:{h.port}\r\n{head}\r\n\r\n".encode() + body)
    await writer.drain()
    return writer


async def until(h: House, count: int) -> None:
    async with asyncio.timeout(20):
        while len(kept(h)) != count:
            await asyncio.sleep(0.005)


HEADS = {
    "a length": "Content-Type: audio/wav\r\nContent-Length: 1000000",
    "chunks": "Content-Type: audio/wav\r\nTransfer-Encoding: chunked",
    "a form": f"Content-Type: multipart/form-data; boundary={B}\r\nContent-Length: 1000000",
}


async def test_a_length_that_is_too_large_is_answered_before_anything_comes(house: Open) -> None:
    h = await house(upload_mb=0.5)
    for head in (HEADS["a length"], HEADS["a form"]):
        reader, writer = await asyncio.open_connection("127.0.0.1", h.port)
        writer.write(f"POST {UPLOAD} HTTP/1.1\r\nHost: 127.0.0.1:{h.port}\r\n{head}\r\n\r\n".encode())
        assert (await asyncio.wait_for(reader.readline(), 20)).startswith(b"HTTP/1.1 413")
        writer.close()


@pytest.mark.parametrize("abort", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("head", HEADS)
async def test_whoever_leaves_half_way_leaves_nothing(house: Open, head: str, abort: bool) -> None:
    h = await house()
    body = {"chunks": b"%x\r\n%s\r\n" % (len(SOUND), SOUND), "a form": part(SOUND * 8)[:-100]}.get(head, SOUND * 8)
    writer = await begun(h, HEADS[head], body)
    await until(h, 1)
    if abort:
        writer.transport.abort()
    writer.close()
    await until(h, 0)
    assert (await sent(h, form(SOUND)))["seconds"] == 1


async def test_whoever_stalls_is_told_and_leaves_nothing(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BODY_S", 0.2)
    h = await house()
    for head, body in ((HEADS["a length"], SOUND), (HEADS["a form"], part(SOUND)[:-3]), (HEADS["a form"], b"")):
        reader, writer = await asyncio.open_connection("127.0.0.1", h.port)
        writer.write(f"POST {UPLOAD} HTTP/1.1\r\nHost: 127.0.0.1:{h.port}\r\n{head}\r\n\r\n".encode() + body)
        assert (await asyncio.wait_for(reader.readline(), 20)).startswith(b"HTTP/1.1 408")
        writer.close()
        assert not kept(h)


async def test_whoever_drips_is_told_in_the_end(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "UPLOAD_S", 0.3)
    h = await house()

    async def drips() -> Any:
        while True:
            yield b"R"
            await asyncio.sleep(0.02)

    await refused(h, drips(), 408, "request_timeout", **{"Content-Type": "audio/wav"})


EVIL = {"Origin": "https://evil.example"}


def _cross_site() -> list[tuple[Any, dict[str, str]]]:
    """What a page may send to another site without a browser asking first."""
    plain = {"Content-Type": "multipart/form-data; boundary=" + B}
    return [(part(SOUND) + END, plain), (SOUND, {"Content-Type": ""}), (SOUND, {"Content-Type": "text/plain"})]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost.evil.example"]
)
async def test_a_page_of_another_site_uploads_nothing(house: Open, origin: str) -> None:
    h = await house()
    for body, headers in _cross_site():
        await refused(h, body, 403, "forbidden", Origin=origin, **headers)
    facts = await sent(h, form(SOUND), Origin=h.url)  # our own page does
    async with h.client.delete(f"{h.url}/api/v1/files/{facts['file_id']}", headers={"Origin": origin}) as response:
        assert response.status == 403
    assert len(kept(h)) == 1


async def test_with_keys_neither_does_it_with_the_cookie_of_a_person(house: Open, tmp_path: Path) -> None:
    h = await house(keys={"home": KEY}, api_keys=tmp_path / "keys")
    cookie = {"Cookie": f"{COOKIE}={KEY}"}
    for body, headers in _cross_site():
        await refused(h, body, 403, "forbidden", **EVIL, **cookie, **headers)
        await refused(h, body, 401, "key_missing", **EVIL, **headers)
        await refused(h, body, 403, "forbidden", **EVIL, **headers, **{"X-API-Key": "wrong"})
    await refused(h, form(SOUND), 401, "key_missing")
    assert (await sent(h, form(SOUND), **cookie, Origin=h.url))["seconds"] == 1
    assert (await sent(h, form(SOUND), Authorization=f"Bearer {KEY}"))["seconds"] == 1


async def test_many_upload_the_same_at_once(house: Open) -> None:
    h = await house()
    answers = await asyncio.gather(*(sent(h, form(SOUND)) for _ in range(20)))
    assert len({answer["file_id"] for answer in answers}) == 1
    assert len(kept(h)) == 1
