"""Zip files of a few known members: written the same every time, and taken from strangers with suspicion."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

# Two dozen names with the fields that zip programs add to them take less.
_MAX_DIRECTORY_BYTES: Final = 64_000
# Text and speech shrink to a tenth; only what was made to fill a disk shrinks more than this.
_MAX_RATIO: Final = 100
# What is smaller than this fills nothing, however far it shrinks.
_NO_BOMB_BYTES: Final = 100_000
# Of all that a member can be marked with: how hard it was pressed, sizes that come after it, a name in UTF-8.
_FLAGS: Final = 0x0002 | 0x0004 | 0x0008 | 0x0800
_SIZES_AFTER: Final = 0x0008
_END: Final = struct.Struct("<4s4H2LH")
_LOCAL: Final = struct.Struct("<4s5H3L2H")
# Sizes that come after a member, without and with their signature.
_AFTER_BYTES: Final = (12, 16)
_ZIP64_BYTES: Final = 20

# All that `zipfile` is known to raise for bytes that were damaged or made up.
_DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError,
    IndexError,
)  # fmt: skip


class BadBundle(Exception):
    """The file is no voice, or more than one. The text says what is wrong with it."""


def packed(members: Mapping[str, bytes]) -> bytes:
    """A zip file: the same bytes for the same members, whichever clock and whichever zlib; so nothing is pressed."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as parcel:
        for name, data in sorted(members.items()):
            info = zipfile.ZipInfo(name)  # of 1980
            info.create_system, info.external_attr = 3, (stat.S_IFREG | 0o644) << 16
            parcel.writestr(info, data)
    return whole.getvalue()


def unpacked(data: bytes, limit: Callable[[str], int | None], max_members: int) -> Mapping[str, bytes]:
    """What is in a zip file, all in memory. `limit` tells the bytes that a name may have, None for one that may not be.

    Raises BadBundle.
    """
    start = _directory(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parcel:
            members = parcel.infolist()
            if len(members) > max_members:
                raise BadBundle(f"it holds {len(members)} files, and a voice has {max_members} at most")
            for member in members:
                _check(member, limit(member.orig_filename))
            _check_tiles(data, members, start)
            return {member.filename: _content(parcel, member) for member in members}
    except _DAMAGE as error:
        raise BadBundle(f"it is damaged: {error}") from None


def _directory(data: bytes) -> int:
    """Where the list of members starts. It ends the file, with nothing after it and all other lists ruled out."""
    end = len(data) - _END.size
    if end < 0 or not data.startswith(b"PK"):
        raise BadBundle("it is no zip file")
    sign, disk, first_disk, here, count, size, start, comment = _END.unpack_from(data, end)
    if sign != b"PK\5\6" or comment:
        raise BadBundle("it is no zip file, or is cut off, or something stands after it")
    if disk or first_disk or here != count or start + size != end or size > _MAX_DIRECTORY_BYTES:
        raise BadBundle("its list of files is not as `voiced voices export` writes it")
    if data[max(0, end - _ZIP64_BYTES) :].startswith(b"PK\6\7"):
        raise BadBundle("it is a zip file for more than 4 GB")
    return int(start)


def _check(member: zipfile.ZipInfo, limit: int | None) -> None:
    name = repr(member.orig_filename[:80])
    if limit is None:
        raise BadBundle(f"it holds {name}, which is no part of a voice")
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG) or member.is_dir():
        raise BadBundle(f"{name} is no plain file")
    if member.flag_bits & ~_FLAGS:
        raise BadBundle(f"{name} is encrypted, or made in a way that no voice needs")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadBundle(f"{name} is not pressed by `deflate`, nor left as it is")
    if member.file_size > limit:
        raise BadBundle(f"{name} has {member.file_size} bytes, and {limit} are possible")
    if member.file_size > max(_NO_BOMB_BYTES, _MAX_RATIO * member.compress_size):
        raise BadBundle(f"{name} shrinks to less than 1/{_MAX_RATIO}, which neither text nor speech does")


def _check_tiles(data: bytes, members: Sequence[zipfile.ZipInfo], start: int) -> None:
    """Each member once, from the first byte to the list without gap or overlap; and named and sized as it is listed."""
    if len({member.filename for member in members}) < len(members):
        raise BadBundle("it holds a file twice")
    at, gaps = 0, {0}
    for member in sorted(members, key=lambda one: one.header_offset):
        if member.header_offset - at not in gaps:
            raise BadBundle("its files overlap, or something stands between them")
        at, gaps = _end(data, member)
    if start - at not in gaps:
        raise BadBundle("its files overlap the list of them, or something stands between")


def _end(data: bytes, member: zipfile.ZipInfo) -> tuple[int, set[int]]:
    """Where a member ends, and how many bytes may follow before the next. Raises struct.error."""
    sign, _, flags, method, _, _, crc, packed_size, size, name, extra = _LOCAL.unpack_from(data, member.header_offset)
    sizes_after = bool(flags & _SIZES_AFTER)
    listed = (member.CRC, member.compress_size, member.file_size)
    same = (flags, method) == (member.flag_bits, member.compress_type) and (
        sizes_after or (crc, packed_size, size) == listed
    )
    if sign != b"PK\3\4" or not same:
        raise BadBundle(f"{member.filename[:80]!r} is not as it is listed")
    end = member.header_offset + _LOCAL.size + name + extra + member.compress_size
    return end, set(_AFTER_BYTES) if sizes_after else {0}


def _content(parcel: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Never more than is listed, whatever comes out of it. Raises what is in _DAMAGE."""
    with parcel.open(member) as file:
        content = file.read(member.file_size + 1)
    if len(content) != member.file_size:
        raise BadBundle(f"{member.filename!r} has {len(content)} bytes, and {member.file_size} are listed")
    return content
