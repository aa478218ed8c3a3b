"""A picture as files hold it: told from what only looks like one by its bytes alone, and never decoded.

The marks of JPEG are in ITU-T T.81, annex B; the chunks of PNG in the W3C's recommendation, chapter 5.
"""

from __future__ import annotations

import base64
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# A cover of 4,000 points square is a JPEG of 3 MB; FLAC has room for 16, and every chapter's file holds one.
MAX_PICTURE_BYTES: Final = 8 * 1024 * 1024
# A page scanned at 600 dpi has 7,016; a player holds four bytes for each point of it.
MAX_PICTURE_SIDE: Final = 8000

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_HEADER_BYTES: Final = 13
_CHECKSUM_BYTES: Final = 4
_JPEG: Final = b"\xff\xd8\xff"
# Kinds of frames that players know: baseline, extended, progressive. The others (lossless, arithmetic) are theirs alone.
_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
_MARK: Final = 0xFF
_SCAN: Final = 0xDA
_END: Final = b"\xff\xd9"
# In a scan a byte 0xFF is followed by 0, or by a mark that the scan goes on behind.
_NEXT_MARK: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)

# What FLAC calls the front of what is sold, and how many bits a point has that is shown.
_FRONT: Final = 3
_DEPTH: Final = 24


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as a file holds it."""

    data: bytes
    """From its first byte to its last; what stood behind it is not."""
    codec: str
    """As FFmpeg calls it."""
    width: int
    height: int

    def as_comment(self) -> dict[str, str]:
        """As it stands among the tags of an Ogg file: FLAC's block of it, in base64."""
        media = b"image/png" if self.codec == "png" else b"image/jpeg"
        facts = struct.pack(">IIII", self.width, self.height, _DEPTH, 0)
        block = struct.pack(">I", _FRONT) + _sized(media) + _sized(b"") + facts + _sized(self.data)
        return {"METADATA_BLOCK_PICTURE": base64.b64encode(block).decode()}


def picture_of(data: bytes) -> Picture:
    """What kind of image it is and how large. ValueError when it is none that players show."""
    if len(data) > MAX_PICTURE_BYTES:
        raise ValueError(f"it has {len(data)} bytes, and {MAX_PICTURE_BYTES} are the most for a cover")
    if data.startswith(_PNG):
        found = _png(data)
    elif data.startswith(_JPEG):
        found = _jpeg(data)
    else:
        raise ValueError("it is no JPEG or PNG picture")
    if not (0 < found.width <= MAX_PICTURE_SIDE and 0 < found.height <= MAX_PICTURE_SIDE):
        told = f"it is {found.width} x {found.height} points, and {MAX_PICTURE_SIDE} are the most to a side of a cover"
        raise ValueError(told)
    return found


def _png(data: bytes) -> Picture:
    width, height, painted, end = 0, 0, False, 0
    for kind, begin, end in _chunks(data):
        if kind == b"IHDR" and end - begin == _HEADER_BYTES:
            width, height = _number(data, begin, 4), _number(data, begin + 4, 4)
        painted = painted or kind == b"IDAT"
    if not (width and painted):
        raise ValueError("it is a PNG picture without a header or without a point in it")
    return Picture(data[: end + _CHECKSUM_BYTES], "png", width, height)


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The kind of each, and from where to where its content stands."""
    kind, at = b"", len(_PNG)
    while kind != b"IEND":
        kind, begin = data[at + 4 : at + 8], at + 8
        end = begin + _number(data, at, 4)
        if end + _CHECKSUM_BYTES > len(data):
            raise ValueError("it is a PNG picture that is cut off")
        if zlib.crc32(data[at + 4 : end]) != _number(data, end, _CHECKSUM_BYTES):
            raise ValueError("it is a PNG picture that is damaged")
        yield kind, begin, end
        at = end + _CHECKSUM_BYTES


def _jpeg(data: bytes) -> Picture:
    width, height, painted, at = 0, 0, False, 0
    for mark, at in _marks(data):
        if mark in _FRAMES:
            height, width = _number(data, at + 5, 2), _number(data, at + 7, 2)
        painted = painted or mark == _SCAN
    if not (width and painted):
        raise ValueError("it is a JPEG picture without a point in it, or of a kind that players do not show")
    return Picture(data[: at + 2], "mjpeg", width, height)


def _marks(data: bytes) -> Iterator[tuple[int, int]]:
    """Each that begins a segment, and where; then the one that ends the picture."""
    at = 2
    while data[at : at + 2] != _END:
        if at + 4 > len(data):
            raise ValueError("it is a JPEG picture that is cut off")
        mark, size = data[at + 1], _number(data, at + 2, 2)
        if data[at] != _MARK:
            raise ValueError("it is a JPEG picture that is damaged")
        yield mark, at
        at += 2 + size
        if mark == _SCAN:
            found = _NEXT_MARK.search(data, at)
            at = found.start() if found else len(data)
        while data[at : at + 2] == b"\xff\xff":  # marks may be filled up
            at += 1
    yield data[at + 1], at


def _number(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size])


def _sized(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data
