"""Pictures as encoders write them, and such as nobody should have written."""

from __future__ import annotations

import struct
import zlib
from functools import cache

import av
import numpy as np

from outputs.picture import MAX_PICTURE_BYTES

PNG = b"\x89PNG\r\n\x1a\n"


@cache
def picture(codec: str, width: int = 32, height: int = 16) -> bytes:
    """One of noise, by FFmpeg's `mjpeg` or `png`; the same bytes each time."""
    context = av.CodecContext.create(codec, "w")
    context.width, context.height, context.time_base = width, height, 1
    context.pix_fmt = "yuvj420p" if codec == "mjpeg" else "rgb24"
    noise = np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)
    image = av.VideoFrame.from_ndarray(noise, format="rgb24").reformat(format=context.pix_fmt)
    return b"".join(bytes(packet) for packet in [*context.encode(image), *context.encode(None)])


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    """A piece of a PNG with its length and checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width: int, height: int) -> bytes:
    """The first piece of a PNG in colours."""
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


def claiming(width: int, height: int) -> bytes:
    """A PNG that says to be so large, and is a few bytes."""
    return PNG + header(width, height) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND")


def padded(width: int, height: int, size: int = MAX_PICTURE_BYTES) -> bytes:
    """A PNG that says to be so large, of so many bytes."""
    whole = claiming(width, height)
    return whole[: -len(chunk(b"IEND"))] + chunk(b"paDD", bytes(size - len(whole) - 12)) + chunk(b"IEND")
