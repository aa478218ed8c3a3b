"""Files from other machines: servers that behave, that do not, and that lead astray."""

from __future__ import annotations

import gzip
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from voices.files import fetch as module
from voices.files.addresses import UrlNotAllowed, hosts
from voices.files.fetch import MAX_HOPS, Fetcher, FetchFailed

MOST = 100_000
SOUND = bytes(range(256)) * 20
Handle = Callable[[socket.socket, str], None]


class Server:
    """Answers every connection with what `handle` does; `seen` are the first lines and hosts that were asked for."""

    def __init__(self, handle: Handle, tls: ssl.SSLContext | None = None) -> None:
        self._handle, self._tls = handle, tls
        self.seen: list[str] = []
        self.heads: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        return int(self._listening.getsockname()[1])

    def url(self, path: str = "/voice.wav", host: str = "127.0.0.1") -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def _run(self) -> None:
        while True:
            try:
                link, _ = self._listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(link,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, link: socket.socket) -> None:
        with link:
            try:
                if self._tls:
                    link = self._tls.wrap_socket(link, server_side=True)
                with link:
                    head = link.recv(10_000).decode("latin-1")
                    self.heads.append(head)
                    self.seen.append(head.partition("\r\n")[0])
                    self._handle(link, head.partition(" ")[2].partition(" ")[0])
            except OSError:
                return

    def wait(self, seconds: float) -> None:
        """For handlers that stall: until so long, or until the test ends."""
        self._end.wait(seconds)

    def close(self) -> None:
        self._end.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # closing alone wakes nobody who waits for a caller
        self._listening.close()


Begin = Callable[..., Server]


@pytest.fixture
def begin() -> Iterator[Begin]:
    running: list[Server] = []

    def start(handle: Handle, tls: ssl.SSLContext | None = None) -> Server:
        running.append(Server(handle, tls))
        return running[-1]

    yield start
    for server in running:
        server.close()


def answer(body: bytes = SOUND, status: str = "200 OK", **headers: object) -> bytes:
    """As it stands on the wire; `content_length=None` leaves it out."""
    told = {"content_type": "audio/wav", "content_length": len(body), **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in told.items() if value is not None]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + body


def sends(data: bytes) -> Handle:
    return lambda link, path: link.sendall(data)


def onward(location: str, status: str = "302 Found") -> bytes:
    return answer(b"", status, location=location)


def here(*servers: Server, total_s: float = 5.0) -> Fetcher:
    """One that may ask these servers, private as they are."""
    entries = [f"{host}:{server.port}" for server in servers for host in ("127.0.0.1", "localhost")]
    return Fetcher(hosts(entries), private=True, total_s=total_s)


def test_a_file_comes_as_it_is(begin: Begin) -> None:
    server = begin(sends(answer()))
    assert here(server).fetch(server.url("/a b".replace(" ", "%20") + "?x=1#part"), MOST) == SOUND
    assert server.seen == ["GET /a%20b?x=1 HTTP/1.1"]
    assert f"Host: 127.0.0.1:{server.port}\r\n" in server.heads[0]
    assert "Accept-Encoding: identity\r\n" in server.heads[0]
    assert "Authorization" not in server.heads[0] and "Cookie" not in server.heads[0]


@pytest.mark.parametrize(
    "data",
    [
        answer(content_length=None),
        answer(b"%x\r\n%s\r\n0\r\n\r\n" % (len(SOUND), SOUND), transfer_encoding="chunked", content_length=None),
        b"HTTP/1.1 100 Continue\r\n\r\n" + answer(),
        answer(content_encoding="Identity"),
    ],
    ids=["until it closes", "chunked", "continued", "identity"],
)
def test_every_way_to_send_it(begin: Begin, data: bytes) -> None:
    server = begin(sends(data))
    assert here(server).fetch(server.url(host="localhost"), MOST) == SOUND


def test_redirects_are_followed_and_each_is_checked(begin: Begin) -> None:
    second = begin(sends(answer()))
    for status in ("301 x", "302 x", "303 x", "307 x", "308 x"):
        first = begin(
            lambda link, path, status=status: link.sendall(
                onward("/again", status) if path == "/voice.wav" else onward(second.url("/there"), status)
            )
        )
        assert here(first, second).fetch(first.url(), MOST) == SOUND
        with pytest.raises(UrlNotAllowed, match="fetch_hosts"):
            here(first).fetch(first.url(), MOST)
        assert len(second.seen) == 1
        second.seen.clear()


@pytest.mark.parametrize(
    "location",
    ["http://evil.example/x", "//evil.example/x", "file:///etc/passwd", "http://user:word@127.0.0.1/", "http://0x7f.1/",
     "http://2130706433/", "http://[::ffff:127.0.0.1]/", "http://0.0.0.0/", "ftp://127.0.0.1/", "http://127.0.0.1/x"],
)  # fmt: skip
def test_a_redirect_leads_nowhere_else(begin: Begin, location: str) -> None:
    server = begin(sends(onward(location)))
    with pytest.raises(UrlNotAllowed):
        here(server).fetch(server.url(), MOST)
    assert len(server.seen) == 1


def test_redirects_without_end(begin: Begin) -> None:
    server = begin(sends(onward("/again")))
    with pytest.raises(FetchFailed, match=f"more than {MAX_HOPS} times"):
        here(server).fetch(server.url(), MOST)
    assert len(server.seen) == MAX_HOPS + 1
    for broken in (answer(b"", "302 x"), onward("http://[::1/")):
        lost = begin(sends(broken))
        with pytest.raises(FetchFailed, match="sends us on"):
            here(lost).fetch(lost.url(), MOST)


def test_nothing_is_fetched_unless_the_settings_name_the_host() -> None:
    for url in ("https://example.com/x", "http://127.0.0.1/", "http://localhost:1/"):
        with pytest.raises(UrlNotAllowed, match="the setting fetch_hosts"):
            Fetcher(()).fetch(url, MOST)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "localhost.", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254", "10.1.2.3",
             "100.64.0.1", "224.0.0.1", "[fe80::1]", "[::]"],
)  # fmt: skip
def test_this_network_is_not_asked_though_it_is_named(begin: Begin, host: str) -> None:
    server = begin(sends(answer()))
    with pytest.raises(UrlNotAllowed, match="fetch_private"):
        Fetcher(hosts([f"{host}:{server.port}"])).fetch(server.url(host=host), MOST)
    assert not server.seen


def test_a_name_is_looked_up_once_and_what_was_checked_is_asked(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the first answer is public, every other one is this machine."""
    server, meant = begin(sends(answer())), list[Any]()
    public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("203.0.113.7", server.port))
    loopback = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))

    def look_up(*asked: object, **more: object) -> list[Any]:
        meant.append(asked)
        return [public] if len(meant) == 1 else [loopback]

    class Link(socket.socket):
        def connect(self, address: Any) -> None:
            meant.append(address)
            raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "socket", Link)
    monkeypatch.setattr(module, "is_public", lambda address: str(address) == "203.0.113.7")
    with pytest.raises(FetchFailed, match="refused"):
        Fetcher(hosts([f"rebound.example:{server.port}"])).fetch(server.url(host="rebound.example"), MOST)
    assert meant == [("rebound.example", server.port), ("203.0.113.7", server.port)]


def test_a_name_that_also_means_this_machine_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [(socket.AF_INET, 1, 6, "", (name, 80)) for name in ("93.184.216.34", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **more: names)
    with pytest.raises(UrlNotAllowed, match="fetch_private"):
        Fetcher(hosts(["two.example"])).fetch("http://two.example/", MOST)


def test_the_next_address_is_tried(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    server = begin(sends(answer()))
    with socket.create_server(("127.0.0.1", 0)) as other:
        closed = other.getsockname()[1]
    names = [(socket.AF_INET, 1, 6, "", ("127.0.0.1", port)) for port in (closed, server.port)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **more: names)
    fetcher = Fetcher(hosts([f"two.example:{server.port}"]), private=True)
    assert fetcher.fetch(server.url(host="two.example"), MOST) == SOUND


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (answer(status="404 Not Found"), "404 Not Found"),
        (answer(status="500 Oh"), "500"),
        (answer(status="206 Partial Content"), "206"),
        (answer(b"", "204 No Content"), "204"),
        (answer(b"<html>", content_type="text/html; charset=utf-8"), "web page"),
        (answer(content_length=len(SOUND) + 7), "7 bytes more"),
        (answer(content_length=10**15), "larger than 0.1 MB"),
        (answer(bytes(MOST + 1), content_length=None), "larger than"),
        (answer(bytes(MOST + 1)), "larger than"),
        (answer(b"fffffff\r\n" + bytes(MOST + 1), transfer_encoding="chunked", content_length=None), "larger than"),
        (answer(b"5\r\nabc", transfer_encoding="chunked", content_length=None), "IncompleteRead"),
        (answer(b"zz\r\nabc", transfer_encoding="chunked", content_length=None), "IncompleteRead"),
        (answer(gzip.compress(bytes(10_000_000)), content_encoding="gzip"), "packed as 'gzip'"),
        (answer(b"x", content_encoding="br"), "packed as 'br'"),
        (b"", "RemoteDisconnected|connection broke|without response"),
        (b"SSH-2.0-OpenSSH\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000, "LineTooLong"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "not HTTP"),
    ],
)
def test_what_is_no_file_is_told(begin: Begin, data: bytes, told: str) -> None:
    server = begin(sends(data))
    with pytest.raises(FetchFailed, match=told) as caught:
        here(server).fetch(server.url(), MOST)
    assert str(caught.value).count(f"127.0.0.1:{server.port}") == 1


def test_a_length_that_is_too_short_cuts_the_file(begin: Begin) -> None:
    server = begin(sends(answer(content_length=5)))
    assert here(server).fetch(server.url(), MOST) == SOUND[:5]
    server = begin(sends(answer(content_length=-5)))
    assert here(server).fetch(server.url(), MOST) == SOUND


def _drips(server: Callable[[], Server], data: bytes) -> Handle:
    def handle(link: socket.socket, path: str) -> None:
        for at in range(len(data)):
            link.sendall(data[at : at + 1])
            server().wait(0.05)

    return handle


@pytest.mark.parametrize("sent", [0, 9, 40, 200], ids=["at once", "in the first line", "in the headers", "in the body"])
def test_who_stalls_is_left_in_time(begin: Begin, sent: int) -> None:
    def stalls(link: socket.socket, path: str) -> None:
        link.sendall(answer()[:sent])
        server.wait(60)

    def drips(link: socket.socket, path: str) -> None:
        link.sendall(answer()[:sent])
        _drips(lambda: server, answer()[sent:])(link, path)

    for handle in (stalls, drips):
        server = begin(handle)
        start = time.monotonic()
        with pytest.raises(FetchFailed, match=r"within 0\.3 s"):
            here(server, total_s=0.3).fetch(server.url(), MOST)
        assert 0.25 < time.monotonic() - start < 20


def test_redirects_share_the_time(begin: Begin) -> None:
    def slow(link: socket.socket, path: str) -> None:
        server.wait(0.15)
        link.sendall(onward("/again"))

    server = begin(slow)
    with pytest.raises(FetchFailed, match="within"):
        here(server, total_s=0.3).fetch(server.url(), MOST)


def test_a_host_that_is_not_there() -> None:
    fetcher = Fetcher(hosts(["nowhere.invalid"]))
    with pytest.raises(FetchFailed, match="no such host"):
        fetcher.fetch("https://nowhere.invalid/", MOST)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(FetchFailed, match="refused"):
        Fetcher(hosts([f"127.0.0.1:{port}"]), private=True).fetch(f"http://127.0.0.1:{port}/", MOST)


def test_a_proxy_of_the_environment_is_not_asked(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    server, proxy = begin(sends(answer())), begin(sends(answer(b"of the proxy")))
    monkeypatch.setenv("http_proxy", proxy.url(""))
    assert here(server).fetch(server.url(), MOST) == SOUND
    assert not proxy.seen


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of `localhost`, by itself, with its key in the same file."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate with")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "-", "-out", "-"]  # fmt: skip
    path.write_bytes(subprocess.run(made, check=True, capture_output=True).stdout)
    return path


def _tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_https_is_verified(begin: Begin, certificate: Path) -> None:
    server = begin(sends(answer()), _tls(certificate))
    with pytest.raises(FetchFailed, match="certificate is not trusted: self"):
        here(server).fetch(server.url(host="localhost"), MOST)
    trusting = here(server)
    trusting.tls.load_verify_locations(certificate)
    assert trusting.fetch(server.url(host="localhost"), MOST) == SOUND
    with pytest.raises(FetchFailed, match="certificate is not trusted: IP address mismatch"):
        trusting.fetch(server.url(host="127.0.0.1"), MOST)
    plain = begin(sends(answer()))
    with pytest.raises(FetchFailed, match="connection broke"):
        here(plain).fetch(plain.url().replace("http:", "https:"), MOST)


def test_https_never_becomes_http(begin: Begin, certificate: Path) -> None:
    plain = begin(sends(answer()))
    server = begin(sends(onward(plain.url())), _tls(certificate))
    fetcher = here(server, plain)
    fetcher.tls.load_verify_locations(certificate)
    with pytest.raises(UrlNotAllowed, match="from https"):
        fetcher.fetch(server.url(host="localhost"), MOST)
    assert not plain.seen


def test_a_handshake_that_stalls_is_left_in_time(begin: Begin) -> None:
    server = begin(lambda link, path: server.wait(60))
    start = time.monotonic()
    with pytest.raises(FetchFailed, match="within"):
        here(server, total_s=0.3).fetch(server.url().replace("http:", "https:"), MOST)
    assert time.monotonic() - start < 20
