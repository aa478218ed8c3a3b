"""What a URL means, which hosts may be asked, which addresses are everybody's."""

from __future__ import annotations

import ipaddress

import pytest

from voices.files.addresses import MAX_URL, Place, UrlNotAllowed, hosts, is_public, place


@pytest.mark.parametrize(
    ("url", "host", "port", "target", "authority"),
    [
        ("https://example.com", "example.com", 443, "/", "example.com"),
        ("HTTP://Example.COM.:80/a/b.wav?x=1&y=%20#part", "example.com", 80, "/a/b.wav?x=1&y=%20", "example.com"),
        ("http://example.com:8080/a;b", "example.com", 8080, "/a;b", "example.com:8080"),
        ("https://my_nas/ж/é.wav?ü", "my_nas", 443, "/%D0%B6/%C3%A9.wav?%C3%BC", "my_nas"),
        ("http://192.0.2.1/x", "192.0.2.1", 80, "/x", "192.0.2.1"),
        ("http://[2001:DB8:0::1]:81/x", "2001:db8::1", 81, "/x", "[2001:db8::1]:81"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443, "/", "xn--bcher-kva.example"),
        ("https://example.com:/", "example.com", 443, "/", "example.com"),
    ],
)
def test_a_url_is_taken_apart(url: str, host: str, port: int, target: str, authority: str) -> None:
    found = place(url)
    assert found == Place(url.partition(":")[0].lower(), host, port, target)
    assert found.authority == authority


@pytest.mark.parametrize(
    "url",
    [
        "", "example.com/x", "//example.com", "ftp://example.com/x", "file:///etc/passwd", "gopher://example.com",
        "javascript:alert(1)", "data:audio/wav;base64,AA==", "http:///x", "http://", "https://:443/",
        "http://user@example.com/", "http://user:word@example.com/", "http://@example.com/", "http://a@b@example.com",
        "http://example.com\\@evil.example/", "http://example.com\\.evil.example/", "http://exa mple.com/",
        "http://example.com/a b", "http://example.com/\r\nHost: evil", "http://example.com/\tx", "\x00http://example.com",
        " http://example.com", "http://example.com/\u2028", "http://2130706433/", "http://0x7f000001/", "http://0x7f.1/",
        "http://017700000001/", "http://0177.0.0.1/", "http://127.1/", "http://127.0.0.01/", "http://1.2.3.4.5/",
        "http://0/", "http://example.0x1/", "http://１２７.0.0.1/", "http://127。0。0。1/", "http://ⓛocalhost/",
        "http://bücher.example/", "http://example.com%2eevil.example/", "http://%31%32%37.0.0.1/", "http://[::1%25eth0]/",
        "http://[fe80::1%eth0]/", "http://[::1/", "http://::1/", "http://[v1.x]/", "http://[example.com]/", "http://[::1]evil.example/",
        "http://evil.example[::1]/", "http://[127.0.0.1]/",
        "http://example.com:8０/", "http://example.com:+80/", "http://example.com:80:80/", "http://example..com/", "http://.example.com/",
        "http://example.com../", "http://-example.com/", "http://*.example.com/", "http://example.com:http/",
        "http://example.com:99999/", "http://example.com:-1/", "http://" + "a" * 64 + ".com/", "http://" + "a." * 127 + "com/",
        "http://example.com/" + "x" * MAX_URL,
    ],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_is_not_read(url: str) -> None:
    with pytest.raises(UrlNotAllowed):
        place(url)


def test_a_password_is_not_repeated() -> None:
    with pytest.raises(UrlNotAllowed, match="no user and no password") as caught:
        place("http://user:swordfish@example.com/")
    assert "swordfish" not in str(caught.value)


def test_hosts_as_the_settings_name_them() -> None:
    plain, ported, below, six = hosts(["Example.com.", "nas.lan:8080", "*.example.org", "[::1]:9"])
    assert plain.covers(place("https://example.com/")) and plain.covers(place("http://EXAMPLE.com./"))
    assert plain.covers(place("http://example.com:443/"))
    for other in (
        "http://example.com:8080",
        "https://www.example.com",
        "https://example.com.evil.example",
        "https://xexample.com",
    ):
        assert not plain.covers(place(other))
    assert ported.covers(place("http://nas.lan:8080/x"))
    assert not ported.covers(place("http://nas.lan/x"))
    assert below.covers(place("https://a.b.example.org")) and below.covers(place("https://a.example.org"))
    for other in ("https://example.org", "https://evilexample.org", "https://a.example.org:81"):
        assert not below.covers(place(other))
    assert six.covers(place("http://[0:0::1]:9/"))


@pytest.mark.parametrize(
    "entry",
    ["", "*", "*.", "http://example.com", "example.com/x", "user@example.com", "a b", "127.1", "2130706433", "0x7f.1", "a..b",
     "example.com:x", "exa*mple.com", "*.*.com", "bücher.example", "[::1", "[example.com]", "::1",
     "example.com?x", "example.com#x"],
)  # fmt: skip
def test_an_entry_that_is_no_host_is_told(entry: str) -> None:
    with pytest.raises(ValueError, match="HOST:PORT"):
        hosts([entry])


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254",
        "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.1",
        "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:0", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:0a00:1::1", "3fff::1", "5f00::1", "fc00::1",
        "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_what_is_nobodys_or_ours_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "172.32.0.1",
        "100.128.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2606:4700::1111",
        "2a00::1",
    ],
)
def test_what_is_somebodys_on_the_internet_is(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))
