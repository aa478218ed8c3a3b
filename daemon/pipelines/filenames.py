"""File names that every system takes, and that never leave their folder."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Final

# Most file systems take 255 bytes; an ending, a number in brackets and an encrypted home folder want their share.
MAX_PART_BYTES: Final = 100
# Windows takes 260 characters for a whole path.
MAX_PARTS: Final = 8
# Of the hash that keeps shortened names apart: one in four thousand millions is the same.
_HASH: Final = 8

_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\u0000-\u001f\u007f]+')
# Windows keeps these for its devices, whatever ending they have.
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?: *\..*)? *", re.IGNORECASE)
_DRIVE: Final = re.compile(r"[A-Za-z]:")
# Joins emoji and the letters of Persian and Indian scripts.
_JOINERS: Final = frozenset("\u200c\u200d")
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
# Of a file that tells by it what it is: `.epub`, `.jsonl`; no sentence that a name ends with.
_ENDING: Final = re.compile(r"\.[A-Za-z0-9]{1,8}$")
_AUDIO: Final = re.compile(r"\.(?:wav|flac|mp3|ogg|opus|m4a|aac|pcm)$", re.IGNORECASE)


def safe(part: str) -> str:
    """A name for one file or folder out of any text: what is not allowed becomes `_`, too long a one is cut and hashed.

    Letters of all scripts and emoji stay. The same text gives the same name; two texts may give one name.
    """
    name = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", part))
    name = "".join("_" if _is_invisible(char) else char for char in name)
    name = name.strip().rstrip(". ").lstrip()
    if name.startswith((".", "~")) or _DEVICE.fullmatch(name) or not name:
        name = "_" + name.lstrip(".~")
    return name if len(name.encode()) <= MAX_PART_BYTES else _cut(name, part)


def folder(part: str) -> str:
    """As `safe`, and no file that is made of another row can have this name."""
    name = safe(part)
    return safe(f"{name}_") if _AUDIO.search(name) else name


def of_input(name: str) -> str:
    """As `safe`, of what somebody calls an input, wherever it lay: its ending stays, which may tell what it is."""
    name = name.replace("\\", "/").rpartition("/")[2]
    ending = _ENDING.search(name)
    stem = name[: ending.start()] if ending else name
    return (safe(stem) if stem.strip(" .") else "input") + (ending[0] if ending else "")


def problem(path: str) -> str:
    """Why a path that somebody wrote cannot be a file's; empty when it can."""
    if not path.strip():
        return "it is empty"
    if path.startswith(("/", "\\")) or _DRIVE.match(path):
        return "it leads out of the folder: a name begins with a letter or digit, not with a drive or a slash"
    parts = parts_of(path)
    if ".." in parts:
        return "it leads out of the folder with `..`"
    if len(parts) > MAX_PARTS:
        return f"it has {len(parts)} parts, and at most {MAX_PARTS} are allowed"
    if any(_AUDIO.search(part) for part in parts[:-1]):
        return "a folder cannot be called like an audio file"
    return next((told for part in parts if (told := _wrong(part))), "")


def parts_of(path: str) -> list[str]:
    """The parts of a path with slashes of either kind, without the ending of an audio file."""
    return _AUDIO.sub("", path).replace("\\", "/").split("/")


def folded(path: str) -> str:
    """What two names have in common that Windows and macOS hold for one."""
    return unicodedata.normalize("NFC", path).lower()


def _wrong(part: str) -> str:
    size = len(part.encode("utf-8", "replace"))
    if size > MAX_PART_BYTES:
        return f"{part[:20]!r}… has {size} bytes, and at most {MAX_PART_BYTES} are allowed"
    if _DEVICE.fullmatch(part):
        return f"{part!r} is the name of a device on Windows"
    if part.endswith((".", " ")) or part.startswith((" ", ".", "~")) or not part:
        return f"{part!r} begins or ends with a dot, a blank or a tilde, or is empty"
    if _FORBIDDEN.search(part) or any(map(_is_invisible, part)):
        return f'{part!r} holds a character that file names do not take: < > : " | ? * or one that is not seen'
    return ""


def _is_invisible(char: str) -> bool:
    return not char.isascii() and char not in _JOINERS and unicodedata.category(char) in _INVISIBLE


def _cut(name: str, whole: str) -> str:
    """The beginning, and a hash of all of it."""
    tail = "-" + hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH]
    return name.encode()[: MAX_PART_BYTES - len(tail)].decode("utf-8", "ignore").rstrip(". ") + tail
