"""HTTP as a download needs it."""

from __future__ import annotations

import socket
import ssl
from urllib.error import URLError

import pytest

from models.checkpoints.client import Broken, Client, PullFailed, place
from tests.folders import COMMIT, REPO, WEIGHTS
from tests.hub import Hub, hub, serving
from tests.tricks import Cut, Header, Page, Status

__all__ = ["hub"]

SECRETS = {"Authorization": "Bearer secret", "Cookie": "m_session_id=secret"}


def untrusted() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "x")
    error.verify_message = "self-signed certificate"
    return error


def get(client: Client, url: str) -> bytes:
    with client.open(url) as answer:
        return b"".join(client.chunks(answer))


def test_secrets_stay_with_the_host_they_are_for(hub: Hub) -> None:
    url = f"{hub.address}/{REPO}/resolve/{COMMIT}/{WEIGHTS}"
    for where, told in ((hub.address, True), (hub.address.replace("127.0.0.1", "localhost"), False)):
        hub.cdn = f"{where}/cdn"
        assert get(Client(SECRETS, stall_s=5), url) == hub.files[WEIGHTS]
        first, second = hub.asked[-2:]
        assert first.headers["authorization"] == "Bearer secret"
        assert second.path.startswith("/cdn/")
        assert ("authorization" in second.headers, "cookie" in second.headers) == (told, told)


def test_ranges_travel_with_a_redirect(hub: Hub) -> None:
    hub.cdn = f"{hub.address}/cdn"
    client = Client(stall_s=5)
    with client.open(f"{hub.address}/{REPO}/resolve/{COMMIT}/{WEIGHTS}", {"Range": "bytes=1000-"}) as answer:
        assert answer.status == 206
        assert b"".join(client.chunks(answer)) == hub.files[WEIGHTS][1000:]


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://[", f"http://{'a' * 70}/"])
def test_no_redirect_leaves_http(hub: Hub, to: str) -> None:
    hub.tricks["config.json"] = [Status(302, (("Location", to),))]
    with pytest.raises(PullFailed):
        get(Client(stall_s=5), f"{hub.address}/{REPO}/resolve/{COMMIT}/config.json")


def test_a_circle_of_redirects_ends(hub: Hub) -> None:
    url = f"{hub.address}/{REPO}/resolve/{COMMIT}/config.json"
    hub.tricks["config.json"] = [Status(302, (("Location", url),))] * 20
    with pytest.raises(PullFailed, match="answers 302"):
        get(Client(stall_s=5), url)
    assert len(hub.asked) <= 11


def test_json_or_a_sentence(hub: Hub) -> None:
    client, url = Client(stall_s=5), f"{hub.address}/api/models/{REPO}/revision/main"
    assert client.json(url)[0] == {"sha": COMMIT}
    hub.tricks["list"] = [Page()]
    with pytest.raises(PullFailed, match="answers a web page"):
        client.json(url)
    with pytest.raises(PullFailed, match="where a list of files was expected"):
        client.json(f"{hub.address}/{REPO}/resolve/{COMMIT}/README.md")


def test_a_listing_that_was_cut(hub: Hub) -> None:
    hub.tricks["list"] = [Cut(500)]
    with pytest.raises(Broken, match="the connection was cut in the middle of"):
        Client(stall_s=5).json(f"{hub.address}/api/models/{REPO}/revision/main")


def test_a_listing_without_end_is_not_read() -> None:
    with serving(o__m={"voiced.json": b" " * 4_000_001}) as hub, pytest.raises(PullFailed, match="more than a list"):
        Client(stall_s=5).json(f"{hub.address}/plain/m/voiced.json")


def test_how_long_to_wait_is_heard(hub: Hub) -> None:
    for text, seconds in (("7", 7.0), ("soon", 0.0), ("99999", 0.0)):
        hub.tricks["list"] = [Status(503, (("Retry-After", text),))]
        with pytest.raises(Broken) as caught:
            Client(stall_s=5).json(f"{hub.address}/api/models/{REPO}/revision/main")
        assert caught.value.wait_s == seconds


def test_nobody_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Broken, match="does not let us connect"):
        get(Client(stall_s=5), f"http://127.0.0.1:{port}/")


def test_something_that_is_no_http() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = Client(stall_s=0.1)
        with pytest.raises(Broken, match=r"sent nothing for 0\.1 s"):
            get(client, f"http://127.0.0.1:{server.getsockname()[1]}/")


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (URLError(socket.gaierror(-2, "Name or service not known")), Broken, "cannot be found: Name or service"),
        (URLError(untrusted()), PullFailed, "the certificate of hub is not trusted: self-signed certificate"),
        (ConnectionResetError(104, "Connection reset by peer"), Broken, "the connection to hub broke"),
    ],
)
def test_what_a_connection_dies_of(error: Exception, kind: type[PullFailed], said: str) -> None:
    failure = Client()._failure(error, "https://hub/x?token=secret")
    assert type(failure) is kind
    assert said in str(failure)
    assert "secret" not in str(failure)


def test_addresses_are_shown_without_their_query() -> None:
    assert place("https://cdn/x/y?X-Signature=secret") == "https://cdn/x/y"


def test_a_repository_that_is_hidden_is_not_there(hub: Hub) -> None:
    hub.tricks["list"] = [Status(401, (("X-Error-Code", "RepoNotFound"),)), Header("X", "y")]
    with pytest.raises(PullFailed, match=r"is not there \(status 401\)"):
        Client(stall_s=5).json(f"{hub.address}/api/models/{REPO}/revision/main")
