"""HTTP as a download needs it: bounded in time, redirects that leak no key, errors that say what would be right.

The standard library's client, because nothing lighter keeps all of it: huggingface_hub 0.36 checks the size of a file but
not its sha256, sends no If-Range, knows neither ModelScope nor a plain mirror, and brings 25 MB that the core does without.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from models.backend import ModelFault

# Large enough that Python is not the brake at 1 GB/s, small enough that progress moves at 1 MB/s.
_READ_BYTES: Final = 256 * 1024
# The listing of a checkpoint is 4 kB long; what is a thousand times that is none.
_JSON_BYTES: Final = 4_000_000
# What only the host that it was meant for may see.
_SECRETS: Final = ("Authorization", "Cookie")
_LATER: Final = (408, 425, 429, 500, 502, 503, 504)


class PullFailed(ModelFault):
    """A model could not be pulled. The text says what was wrong and what would be right."""


class NotThere(PullFailed):
    """The hub does not have it."""


class OutOfRange(PullFailed):
    """The server has no bytes from there on."""


class Broken(PullFailed):
    """The transfer broke off; another try may go through."""

    def __init__(self, message: str, wait_s: float = 0.0) -> None:
        super().__init__(message)
        self.wait_s = wait_s
        """The seconds that the server asked to wait."""


class _Redirects(HTTPRedirectHandler):
    """To another host without our secrets, and never from https to anything else."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if new.scheme not in ("http", "https") or (old.scheme == "https" and new.scheme != "https"):
            fp.close()
            raise PullFailed(f"{old.hostname} sends us on to {new.scheme}://{new.hostname}, which is not safe")
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        if request is not None and (old.scheme, old.netloc) != (new.scheme, new.netloc):
            for name in _SECRETS:
                request.remove_header(name)
        return request


class Client:
    """Requests with the same headers and the same patience."""

    def __init__(self, headers: Mapping[str, str] | None = None, *, stall_s: float = 30.0) -> None:
        self.stall_s = stall_s
        """Seconds without a byte after which a transfer counts as broken."""
        self._headers = {"User-Agent": "voiced", "Accept-Encoding": "identity", **(headers or {})}
        self._opener = build_opener(_Redirects)

    def json(self, url: str) -> tuple[object, HTTPMessage]:
        """What the address answers, and its headers. Raises PullFailed."""
        with self.open(url) as answer:
            body = bytearray()
            for data in self.chunks(answer):
                body += data
                if len(body) > _JSON_BYTES:
                    raise PullFailed(f"{place(url)} answers more than a list of files could be")
            if answer.length:
                raise Broken(f"the connection was cut in the middle of {place(url)}")
            try:
                return json.loads(body), answer.headers
            except (ValueError, RecursionError):
                raise PullFailed(f"{place(url)} answers {_what(answer)} where a list of files was expected") from None

    @contextmanager
    def open(self, url: str, headers: Mapping[str, str] | None = None) -> Iterator[HTTPResponse]:
        """The answer, of a status that is 2xx. Raises NotThere, OutOfRange, Broken, PullFailed."""
        request = Request(url, headers={**self._headers, **(headers or {})})  # noqa: S310 - http or https by construction
        try:
            answer = self._opener.open(request, timeout=self.stall_s)
        except HTTPError as error:
            with error:
                raise _refusal(error, url) from None
        except (HTTPException, OSError) as error:
            raise self._failure(error, url) from error
        except ValueError as error:  # an address or a redirect that is none
            raise PullFailed(f"{place(url)} cannot be asked: {error}") from error
        with answer:
            yield answer

    def chunks(self, answer: HTTPResponse) -> Iterator[bytes]:
        """The body as it arrives. Raises Broken; where the body ends too early is for the caller to see."""
        while True:
            try:
                data = answer.read1(_READ_BYTES)
            except (HTTPException, OSError) as error:
                raise self._failure(error, answer.url) from error
            if not data:
                return
            yield data

    def _failure(self, error: Exception, url: str) -> PullFailed:
        """What a connection died of, in words."""
        reason = error.reason if isinstance(error, URLError) else error
        host = urlsplit(url).netloc
        if isinstance(reason, TimeoutError):
            return Broken(f"{host} sent nothing for {self.stall_s:g} s")
        if isinstance(reason, ssl.SSLCertVerificationError):
            return PullFailed(f"the certificate of {host} is not trusted: {reason.verify_message}")
        if isinstance(reason, socket.gaierror):
            return Broken(f"{host} cannot be found: {reason.strerror}; is the network up?")
        if isinstance(reason, ConnectionRefusedError):
            return Broken(f"{host} does not let us connect; is it up?")
        return Broken(f"the connection to {host} broke: {reason or type(reason).__name__}")


def place(url: str) -> str:
    """An address to show: without the query, in which some servers carry keys."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def is_page(answer: HTTPResponse) -> bool:
    """Whether it is a web page, as logins and captive portals send with a status of 200."""
    return answer.headers.get_content_type() == "text/html"


def _what(answer: HTTPResponse) -> str:
    if is_page(answer):
        return "a web page (of a login, or of the network's own gate?)"
    return f"something of type {answer.headers.get_content_type()}"


def _refusal(error: HTTPError, url: str) -> PullFailed:
    """What a status of 3xx, 4xx or 5xx means for a pull."""
    where, asked = place(url), urlsplit(url).netloc
    if error.code in (404, 410) or error.headers.get("X-Error-Code") in ("RepoNotFound", "RevisionNotFound"):
        return NotThere(f"{where} is not there (status {error.code})")
    if error.code == 401:
        return PullFailed(f"{asked} wants a token (status 401 for {where}): set HF_TOKEN or MODELSCOPE_API_TOKEN")
    if error.code == 403:
        return PullFailed(
            f"{asked} refuses {where} (status 403): its licence may have to be accepted there first, or the token is of"
            " somebody who may not read it; another source may give it freely"
        )
    if error.code == 416:
        return OutOfRange(f"{where} has no such bytes (status 416)")
    if error.code in _LATER:
        return Broken(f"{asked} answers {error.code} for {where}", _seconds(error.headers.get("Retry-After")))
    return PullFailed(f"{asked} answers {error.code} for {where}; another source may have it")


def _seconds(text: str | None) -> float:
    """Retry-After in its plain form; its dates are not worth a parser here."""
    return float(text) if text and re.fullmatch(r"\d{1,4}", text.strip()) else 0.0
