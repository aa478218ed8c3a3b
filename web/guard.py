"""Who may come in: API keys, and pages of other sites that a browser here happens to show."""

from __future__ import annotations

import hmac
import ipaddress
import logging
import re
import socket
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from daemon.settings import Settings, SettingsMistake
from web import gate
from web.problems import Forbidden, KeyMissing, WrongKey

_LOG = logging.getLogger(__name__)

COOKIE: Final = "voiced_key"
QUERY: Final = "api_key"
# Probes of container managers and load balancers have no keys, and learn only whether speech works.
OPEN: Final = frozenset({"/healthz", "/readyz"})
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# Short keys can be guessed over a network; `openssl rand -hex 16` gives 32.
_SHORT_KEY: Final = 16
# A key stands in headers, cookies and URLs: what all three carry as it is.
_KEY: Final = re.compile(r"[A-Za-z0-9._~+/=-]+")
# Names that no public DNS hands out, so no stranger can point one at this machine.
_PRIVATE: Final = (".local", ".lan", ".home", ".internal", ".localhost", ".home.arpa", ".localdomain")
_REMEMBER_S: Final = 365 * 86_400
_HOW: Final = (
    "this daemon asks for an API key: Authorization: Bearer KEY, or X-API-Key: KEY; a browser opens /?api_key=KEY once"
)


class Keys:
    """The keys of one file, `name key` a line."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._keys = {name: key.encode() for name, key in keys.items()}

    @classmethod
    def read(cls, path: Path) -> Keys:
        """Raises SettingsMistake for a file that guards nothing, or not what its owner thinks."""
        try:
            lines = path.read_text("utf-8").splitlines()
            readable_by_all = path.stat().st_mode & 0o004
        except OSError as error:
            raise SettingsMistake(f"cannot read the API keys in {path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise SettingsMistake(f"the API keys in {path} are not text: {error}") from error
        if readable_by_all:
            _LOG.warning("%s can be read by every user of this machine; chmod 600 %s", path, path)
        keys: dict[str, str] = {}
        for number, line in enumerate(lines, 1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if len(words) != 2 or not _KEY.fullmatch(words[1]) or words[0] in keys:
                raise SettingsMistake(
                    f"{path}, line {number}: a line is `name key`, each name once, the key of {_KEY.pattern}"
                )
            keys[words[0]] = words[1]
            if len(words[1]) < _SHORT_KEY:
                _LOG.warning("%s: the key of %s is short; `openssl rand -hex 16` makes a good one", path, words[0])
        if not keys:
            raise SettingsMistake(f"{path} holds no key; a line is `name key`")
        return cls(keys)

    def owner(self, presented: str) -> str | None:
        """Whose key this is. Every key is compared, each in constant time."""
        given = presented.encode("utf-8", "surrogateescape")
        found = [name for name, key in self._keys.items() if hmac.compare_digest(key, given)]
        return found[0] if found else None


def by_key(keys: Keys) -> Middleware:
    """Let in whoever shows a key; a visit with `?api_key=` leaves it in a cookie, for browsers."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in OPEN | gate.FILES:
            return await handler(request)
        try:
            _know(request, keys)
        except (KeyMissing, WrongKey) as problem:
            if not gate.is_for(request):
                raise
            return gate.page(problem)
        if request.path == "/" and (key := _queried(request)) and key == _shown(request):
            return _welcome(request, key)
        return await handler(request)

    return check


def _know(request: web.Request, keys: Keys) -> None:
    """Raises KeyMissing, WrongKey, or Forbidden for a page of another site."""
    shown, cookie = _shown(request), request.cookies.get(COOKIE)
    if not (shown or cookie):
        raise KeyMissing(_HOW, {"WWW-Authenticate": 'Bearer realm="voiced"'})
    if keys.owner(shown or cookie or "") is None:
        raise WrongKey("this API key is not one of this daemon's")
    if not shown:
        _same_site(request)  # a browser sends its cookie whoever's page makes it


def by_origin(settings: Settings) -> Middleware:
    """Without keys: let in everybody but pages of other sites, whatever name they gave this machine."""
    own = socket.gethostname().casefold()  # not getfqdn: where DNS is broken it takes seconds
    loopback = is_loopback(settings.http)

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        _same_site(request)
        # DNS rebinding: a stranger's name that suddenly means this machine is "same site" to a browser.
        if (loopback or "Origin" in request.headers) and request.path not in OPEN:
            name = _hostname(request.headers.get("Host", ""))
            if name != own and not _is_private(name):
                raise Forbidden(
                    f"without API keys this daemon answers to no public name such as {name[:80]!r}; set `api_keys`"
                )
        return await handler(request)

    return check


def warning(settings: Settings) -> str | None:
    """What to say at the start when strangers can reach the daemon; None when they cannot."""
    if settings.http == "none" or settings.api_keys is not None or is_loopback(settings.http):
        return None
    return (
        f"HTTP listens on {settings.http} without API keys: whoever reaches it may use it and read its runs. "
        "Put a line `home KEY` into a file (openssl rand -hex 16 makes a key) and set api_keys to its path"
    )


def is_loopback(http: str) -> bool:
    """Whether HOST:PORT is this machine alone."""
    host = http.rpartition(":")[0].strip("[]").casefold()
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _shown(request: web.Request) -> str | None:
    """The key that whoever asks has put into the request itself."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() == "bearer" and token.strip():
        return token.strip()
    return request.headers.get("X-API-Key") or _queried(request) or None


def _queried(request: web.Request) -> str:
    """The key in the address, as a person has pasted it: a key has no blanks, and a plus in an address means one."""
    return request.query.get(QUERY, "").strip().replace(" ", "+")


def _same_site(request: web.Request) -> None:
    """Browsers name the page behind a WebSocket or a POST; another site's has no business here."""
    origin = request.headers.get("Origin")
    if origin is None or (request.method in _SAFE and not _wants_socket(request)):
        return
    if request.headers.get("Sec-Fetch-Site") == "same-origin":
        return  # a browser's own word, which no page can put into its mouth: a proxy has changed the Host
    own = {request.headers.get(name, "").casefold() for name in ("Host", "X-Forwarded-Host")}
    if origin.casefold().partition("://")[2] not in own - {""}:
        raise Forbidden(f"a page of {origin[:80]!r} may not do this here (a proxy in front must pass the Host on)")


def _welcome(request: web.Request, key: str) -> web.Response:
    """Keep the key in a cookie that no script can read, and take it out of the address bar."""
    url = request.rel_url.without_query_params(QUERY)
    response = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": str(url)})
    response.set_cookie(
        COOKIE, key, max_age=_REMEMBER_S, httponly=True, samesite="Strict", secure=request.secure, path="/"
    )
    return response


def _wants_socket(request: web.Request) -> bool:
    return request.headers.get("Upgrade", "").casefold() == "websocket"


def _hostname(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return host


def _is_private(name: str) -> bool:
    """An address, a name without a dot, or one that only a home network knows."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." not in name or name.endswith(_PRIVATE)
    return True
