"""Pictures that encoders have written, whole and broken, and such as only claim to be any."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outputs.picture import MAX_PICTURE_BYTES, MAX_PICTURE_SIDE, Picture, picture_of
from tests.pictures import PNG, chunk, claiming, header, padded, picture

# Marks of frames; who does not decode them can put one for another.
BASELINE, PROGRESSIVE, LOSSLESS = b"\xff\xc0", b"\xff\xc2", b"\xff\xc3"


@pytest.mark.parametrize("codec", ["mjpeg", "png"])
@pytest.mark.parametrize(("width", "height"), [(32, 16), (1, 1), (500, 700)])
def test_pictures(codec: str, width: int, height: int) -> None:
    data = picture(codec, width, height)
    assert picture_of(data) == Picture(data, codec, width, height)


@pytest.mark.parametrize("codec", ["mjpeg", "png"])
def test_what_stands_behind_a_picture_is_no_part_of_it(codec: str) -> None:
    data = picture(codec)
    assert picture_of(data + b"PK\x03\x04 a zip").data == data


def test_a_jpeg_with_a_small_one_of_itself_in_it() -> None:
    inner, outer = picture("mjpeg", 16, 16), picture("mjpeg", 320, 200)
    told = b"\xff\xe1" + (len(inner) + 2).to_bytes(2) + inner
    data = outer[:2] + told + b"\xff\xff\xff" + outer[2:]
    assert picture_of(data) == Picture(data, "mjpeg", 320, 200)


def test_a_jpeg_of_two_scans() -> None:
    data = picture("mjpeg")
    scan = data[data.index(b"\xff\xda") : -2]
    twice = data[:-2].replace(BASELINE, PROGRESSIVE) + b"\xff\xd0\xff\x00" + scan + data[-2:]
    assert picture_of(twice).data == twice


@pytest.mark.parametrize("codec", ["mjpeg", "png"])
def test_a_picture_that_is_cut_off_anywhere(codec: str) -> None:
    data = picture(codec)
    for size in range(len(data)):
        with pytest.raises(ValueError, match=r"cut off|damaged|no JPEG or PNG"):
            picture_of(data[:size])


def test_a_png_that_is_damaged_anywhere() -> None:
    data = picture("png")
    for at in range(len(data)):
        broken = bytearray(data)
        broken[at] ^= 1
        with pytest.raises(ValueError, match=r"^it is"):
            picture_of(bytes(broken))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "no JPEG or PNG"),
        (b"GIF89a" + bytes(50), "no JPEG or PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no JPEG or PNG"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "no JPEG or PNG"),
        (claiming(100_000, 100_000), "it is 100000 x 100000 points, and 8000 are the most"),
        (claiming(MAX_PICTURE_SIDE + 1, 1), "8001 x 1"),
        (claiming(1, 2**32 - 1), "1 x 4294967295"),
        (claiming(10, 0), "10 x 0"),
        (claiming(0, 10), "without a header"),
        (padded(10, 10, MAX_PICTURE_BYTES + 1), "8388609 bytes, and 8388608 are the most"),
        (PNG + header(10, 10) + chunk(b"IEND"), "without a point"),
        (PNG + chunk(b"IDAT") + chunk(b"IEND"), "without a header"),
        (PNG + chunk(b"IHDR", b"\1\1\1\1") + chunk(b"IDAT") + chunk(b"IEND"), "without a header"),
        (picture("mjpeg").replace(BASELINE, LOSSLESS), "of a kind that players do not show"),
        (b"\xff\xd8\xff\xd9", "without a point"),
        (b"\xff\xd8\xff\xe0\x00\x00" + bytes(50), "damaged"),
    ],
)
def test_what_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        picture_of(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8" + b"\xff" * (MAX_PICTURE_BYTES - 2),
        b"\xff\xd8" + b"\xff\xe0\x00\x02" * (MAX_PICTURE_BYTES // 4 - 1),
        b"\xff\xd8" + b"\xff\xda\x00\x02" * (MAX_PICTURE_BYTES // 4 - 1),
        PNG + chunk(b"paDD") * (MAX_PICTURE_BYTES // 12 - 1),
    ],
)
def test_the_slowest_are_not_slow(data: bytes) -> None:
    began = time.process_time()
    with pytest.raises(ValueError, match="cut off"):
        picture_of(data)
    assert time.process_time() - began < 10


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(["png", "mjpeg"]),
    st.lists(st.tuples(st.integers(0, 1000), st.binary(min_size=1, max_size=4)), max_size=4),
)
def test_any_bytes_are_a_picture_or_refused(codec: str, damage: list[tuple[int, bytes]]) -> None:
    broken = bytearray(picture(codec))
    for at, data in damage:
        broken[at : at + len(data)] = data
    try:
        found = picture_of(bytes(broken))
    except ValueError:
        return
    assert bytes(broken).startswith(found.data)
    assert 0 < found.width <= MAX_PICTURE_SIDE
