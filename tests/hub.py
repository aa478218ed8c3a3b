"""A hub for models on loopback: like Hugging Face, like ModelScope, like a plain web server. It misbehaves on demand:

hub.tricks["model.safetensors"] = [Cut(1000), Page()]   # the first two requests for this file; then it is well again
"""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.folders import COMMIT, REPO, model
from tests.tricks import Become, Cut, Drip, Hang, Header, Lie, Page, Status, Trick

PAGE = b"<!doctype html><title>Please sign in</title>"


@dataclass
class Asked:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    file: str = ""
    """The file whose bytes were asked for."""

    @property
    def start(self) -> int:
        """Where the range that was asked for begins."""
        return int(self.headers.get("range", "bytes=0-").removeprefix("bytes=").partition("-")[0])


@dataclass
class Hub:
    """What the server has, what it does wrong, and what it was asked."""

    repos: dict[str, dict[str, bytes]]
    address: str = ""
    tricks: dict[str, list[Trick]] = field(default_factory=dict)
    """By file; `list` is for the listings."""
    ranges: bool = True
    etags: bool = True
    digests: bool = True
    cdn: str = ""
    """Where requests for files are sent on to."""
    entries: list[dict[str, Any]] | None = None
    """The listing, when it is not that of the files."""
    asked: list[Asked] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    """Set when a transfer hangs."""
    go_on: threading.Event = field(default_factory=threading.Event)

    @property
    def files(self) -> dict[str, bytes]:
        return self.repos[REPO]

    def requests(self, name: str) -> list[Asked]:
        """Those for the bytes of a file, in order."""
        return [asked for asked in self.asked if asked.file == name]


@contextmanager
def serving(**repos: dict[str, bytes]) -> Iterator[Hub]:
    """A hub with the model REPO; more of them as OWNER__NAME."""
    hub = Hub({REPO: model(), **{name.replace("__", "/"): files for name, files in repos.items()}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"hub": hub}))
    server.daemon_threads = True
    hub.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="hub")
    thread.start()
    try:
        yield hub
    finally:
        hub.go_on.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serving() as served:
        yield served


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    _asked: Asked

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        path, query = unquote(parts.path), parse_qs(parts.query)
        self._asked = Asked(path, {name.lower(): value for name, value in self.headers.items()})
        self.hub.asked.append(self._asked)
        try:
            self._route(path.strip("/").split("/"), query)
        except ConnectionError:
            self.close_connection = True

    def log_message(self, *args: object) -> None:
        """Nobody reads it."""

    def _route(self, path: list[str], query: dict[str, list[str]]) -> None:
        match path:
            case ["api", "models", owner, name, "revision", revision]:
                self._listing(owner, name, lambda _: {"sha": COMMIT}, revision in ("main", COMMIT))
            case ["api", "models", owner, name, "tree", _]:
                self._listing(owner, name, self._tree)
            case ["api", "v1", "models", owner, name, "repo", "files"]:
                known = query["Revision"] == ["master"]
                self._listing(owner, name, lambda files: self._modelscope(files) if known else _nothing())
            case ["api", "v1", "models", owner, name, "repo"]:
                self._file(f"{owner}/{name}", query["FilePath"][0])
            case ["plain", name, *rest]:
                self._file(next((repo for repo in self.hub.repos if repo.endswith(f"/{name}")), ""), "/".join(rest))
            case [owner, name, "resolve", _, *rest]:
                self._file(f"{owner}/{name}", "/".join(rest))
            case ["cdn", owner, name, *rest]:
                self._send(f"{owner}/{name}", "/".join(rest))
            case _:
                self._empty(404)

    def _listing(self, owner: str, name: str, make: Any, known: bool = True) -> None:
        files = self.hub.repos.get(f"{owner}/{name}")
        trick = self._trick("list")
        if isinstance(trick, Status):
            self._empty(trick.code, trick.headers)
        elif isinstance(trick, Page):
            self._whole(PAGE, "text/html")
        elif isinstance(trick, Cut):
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self._body(b"[" + b" " * 998 + b"]", trick)
        elif files is None or not known:
            self._empty(404)
        else:
            headers = [(trick.name, trick.value)] if isinstance(trick, Header) else []
            self._whole(json.dumps(make(files)).encode(), "application/json", headers)

    def _tree(self, files: dict[str, bytes]) -> list[dict[str, Any]]:
        if self.hub.entries is not None:
            return self.hub.entries
        return [{"type": "directory", "path": "speech_tokenizer", "oid": "0" * 40}, *map(self._entry, files.items())]

    def _entry(self, item: tuple[str, bytes]) -> dict[str, Any]:
        path, content = item
        entry: dict[str, Any] = {"type": "file", "path": path, "size": len(content)}
        if not self.hub.digests:
            return entry
        if path.endswith(".safetensors"):
            large = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 135}
            return {**entry, "oid": "0" * 40, "lfs": large}
        return {**entry, "oid": hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()}

    def _modelscope(self, files: dict[str, bytes]) -> dict[str, Any]:
        found = [
            {"Path": path, "Size": len(content), "Type": "blob", "Sha256": hashlib.sha256(content).hexdigest()}
            for path, content in files.items()
        ]
        folder = {"Path": "speech_tokenizer", "Size": 0, "Type": "tree", "Sha256": ""}
        return {"Code": 200, "Success": True, "Data": {"Files": [folder, *found]}}

    def _file(self, repo: str, name: str) -> None:
        if self.hub.cdn:
            self._empty(302, (("Location", f"{self.hub.cdn}/{repo}/{name}"),))
        else:
            self._send(repo, name)

    def _send(self, repo: str, name: str) -> None:
        self._asked.file = name
        trick, files = self._trick(name), self.hub.repos.get(repo, {})
        if isinstance(trick, Become):
            files[name] = trick.content
            trick = self._trick(name)
        content = files.get(name)
        if isinstance(trick, Status) or content is None:
            self._empty(trick.code if isinstance(trick, Status) else 404, getattr(trick, "headers", ()))
        elif isinstance(trick, Page):
            self._whole(PAGE, "text/html")
        else:
            self._content(content, trick)

    def _content(self, content: bytes, trick: Trick | None) -> None:
        etag = f'"{hashlib.md5(content).hexdigest()}"'
        start, body = self._asked_from(content, etag), content
        if start >= len(content) > 0:
            self._empty(416, (("Content-Range", f"bytes */{len(content)}"),))
            return
        self.send_response(206 if start else 200)
        body = content[start:]
        if isinstance(trick, Lie) and trick.silent:
            body = (body + bytes(max(trick.by, 0)))[: len(body) + trick.by]
        else:
            lie = trick.by if isinstance(trick, Lie) else 0
            self.send_header("Content-Length", str(len(body) + lie))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) + lie - 1}/{len(content) + lie}")
        if self.hub.etags:
            self.send_header("ETag", etag)
        if isinstance(trick, Header):
            self.send_header(trick.name, trick.value)
        self.end_headers()
        self._body(body, trick)

    def _asked_from(self, content: bytes, etag: str) -> int:
        same = self.headers.get("If-Range", etag) == etag
        wanted = self.headers.get("Range")
        if not (self.hub.ranges and same and wanted):
            return 0
        return int(wanted.removeprefix("bytes=").partition("-")[0])

    def _body(self, body: bytes, trick: Trick | None) -> None:
        self.close_connection = True
        if isinstance(trick, Cut | Hang):
            self.wfile.write(body[: trick.after])
            if isinstance(trick, Hang):
                self.hub.arrived.set()
                self.hub.go_on.wait(20)
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        size = trick.size if isinstance(trick, Drip) else max(len(body), 1)
        for at in range(0, len(body), size):
            self.wfile.write(body[at : at + size])
            if isinstance(trick, Drip):
                self.hub.go_on.wait(trick.pause_s)

    def _trick(self, name: str) -> Trick | None:
        waiting = self.hub.tricks.get(name, [])
        return waiting.pop(0) if waiting else None

    def _whole(self, body: bytes, kind: str, headers: Any = ()) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _empty(self, status: int, headers: Any = ()) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()


def _nothing() -> dict[str, Any]:
    """What ModelScope answers for a revision that it does not have."""
    return {"Code": 200, "Success": True, "Data": {"Files": None}}
