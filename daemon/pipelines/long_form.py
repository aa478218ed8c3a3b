"""A book becomes speech: segments of whole sentences under a budget, with the silences of a reader between them.

Plain text, Markdown, HTML and EPUB; see `daemon/text/books` for what of them is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Annotated, Final

from pydantic import Field

from daemon.pipelines.fields import LANGUAGE, MAX_NAME, Manner, Pause
from daemon.pipelines.joined import Output, see_chapters, stored, write_joined
from daemon.pipelines.mistakes import Mistakes
from daemon.pipelines.plan import Plan, Segment, Taken
from daemon.text.books.book import BadBook, Block, Book, Kind
from daemon.text.books.cover import cover
from daemon.text.books.decoding import Encoding
from daemon.text.books.reading import Format, guessed, read
from daemon.text.books.stretches import speakable, stretches
from outputs.kinds import find
from outputs.ledger import INPUTS
from outputs.picture import picture_of

ABOUT: Final = "a book or an article, as plain text, Markdown, HTML or EPUB, becomes speech with chapters"

# What a reader who is not in a hurry does; a budget in letters of which a voice stays the same to the end.
_BUDGET: Final = 400

_MARK: Final = re.compile(r"""([.!?…。！？,;:，、；：–—-])["'”’“»›)\]}」』】》）*_]*$""")
_CLAUSES: Final = frozenset(",;:，、；：–—-")


class Options(Manner, Output):
    """How a book is read."""

    format: Annotated[Format | None, Field(description="told by content and name when not given")] = None
    encoding: Annotated[Encoding | None, Field(description="of a file that is not UTF-8 and says nothing itself")] = (
        None
    )
    title: Annotated[str | None, Field(max_length=MAX_NAME, description="the book's own when not given")] = None
    author: Annotated[str | None, Field(max_length=MAX_NAME, description="the book's own when not given")] = None
    budget: Annotated[int, Field(ge=80, le=2000, description="the most letters that are spoken in one go")] = _BUDGET
    headings: Annotated[bool, Field(description="whether headings are spoken")] = True
    images: Annotated[bool, Field(description="whether what pictures are described with is spoken")] = False
    cover: Annotated[
        bool, Field(description="whether an EPUB's own cover is put into the file; wav has no place for it")
    ] = True
    chapter_level: Annotated[
        int | None,
        Field(ge=1, le=6, description="chapters begin at headings of this level; at the book's own when not given"),
    ] = None
    clause_ms: Annotated[Pause, Field(description="silence where a long sentence is cut at a comma")] = 150
    sentence_ms: Annotated[Pause, Field(description="silence behind a sentence")] = 350
    paragraph_ms: Annotated[Pause, Field(description="silence behind a paragraph")] = 700
    heading_ms: Annotated[Pause, Field(description="silence behind a heading")] = 1000
    scene_ms: Annotated[Pause, Field(description="silence between two scenes")] = 1800
    chapter_ms: Annotated[Pause, Field(description="silence behind a chapter")] = 2500


@dataclass(frozen=True, slots=True)
class _Piece:
    """A segment that has no number yet."""

    text: str
    pause_ms: int
    paragraph: bool
    chapter: str


def plan(data: bytes, name: str, options: Options) -> Plan:
    """What will be spoken of a book. Raises InputMistake."""
    mistakes = Mistakes()
    try:
        book = read(data, name, form=options.format, encoding=options.encoding, images=options.images,
                    level=options.chapter_level)  # fmt: skip
    except BadBook as error:
        mistakes.book(error)
        raise mistakes.mistake() from None
    title = options.title or book.title or PurePath(name).stem
    pieces = list(_pieces(book, title, options))
    if not pieces:
        mistakes.tell("", "it holds no word that could be spoken")
        mistakes.see()
    language = options.language or _language(book.language)
    segments = tuple(_segments(pieces, options, language))
    see_chapters(segments, options, mistakes)
    mistakes.see()
    warnings = (*book.warnings, *_cover(data, name, options)[1])
    return Plan(segments, title, options.author or book.author, language, warnings)


def assemble(folder: Path, plan: Plan, takes: Sequence[Taken], options: Options) -> Sequence[Mapping[str, object]]:
    """The book as one file or a file for each chapter. Raises StorageFailed."""
    with stored(folder):
        # not in the plan, which is read often; where somebody has taken the input away, the sound is worth more than its cover
        covers = [_cover(file.read_bytes(), file.name, options)[0] for file in sorted((folder / INPUTS).glob("*"))]
    return write_joined(folder, plan, takes, options, cover=next(filter(None, covers), b""))


def _cover(data: bytes, name: str, options: Options) -> tuple[bytes, tuple[str, ...]]:
    """The book's own, where it has one that is wanted; and why it is not used, where it cannot be."""
    if not options.cover or not find(options.audio).covers or (options.format or guessed(data, name)) != "epub":
        return b"", ()
    return cover(data, picture_of)


def _segments(pieces: list[_Piece], options: Options, language: str | None) -> Iterator[Segment]:
    """Numbered, and as all of them are spoken; behind the last one is no silence."""
    digits = max(4, len(str(len(pieces))))
    pieces[-1] = replace(pieces[-1], pause_ms=0)
    for number, piece in enumerate(pieces, 1):
        yield Segment(
            id=f"{number:0{digits}}", text=piece.text, voice=options.voice, language=language,
            instruct=options.instruct, emotion=options.emotion, seed=options.seed, speed=options.speed, pitch=options.pitch,
            gain=options.gain, pause_ms=piece.pause_ms, chapter=piece.chapter, paragraph=piece.paragraph,
        )  # fmt: skip


def _pieces(book: Book, title: str, options: Options) -> Iterator[_Piece]:
    """Chapter by chapter; what stands before the first title is called as the book."""
    several = len(book.chapters) > 1
    for chapter in book.chapters:
        entitled = chapter.title or (title if several else "")
        held: _Piece | None = None
        for block in chapter.blocks:
            if block.kind == "scene":
                held = held and replace(held, pause_ms=max(held.pause_ms, options.scene_ms))
                continue
            for piece in _block(block, options):
                if held:
                    yield held
                held, entitled = replace(piece, chapter=entitled), ""
        if held:
            yield replace(held, pause_ms=max(held.pause_ms, options.chapter_ms))


def _block(block: Block, options: Options) -> Iterator[_Piece]:
    """The segments of a paragraph. What only looks like words, such as a lone tag, is none."""
    if block.kind == "heading" and not options.headings:
        return
    said = [text for text in stretches(block.text, options.budget) if speakable(text)]
    for number, text in enumerate(said):
        pause = _pause(text, options) if number < len(said) - 1 else _behind(block.kind, options)
        yield _Piece(text, pause, number == 0, "")


def _behind(kind: Kind, options: Options) -> int:
    return {"heading": options.heading_ms, "row": options.sentence_ms, "item": options.sentence_ms}.get(
        kind, options.paragraph_ms
    )


def _pause(text: str, options: Options) -> int:
    """What its last mark asks for; between two words in the middle of a sentence is no silence."""
    mark = _MARK.search(text[-16:])
    if mark is None:
        return 0
    return options.clause_ms if mark[1] in _CLAUSES else options.sentence_ms


def _language(told: str | None) -> str | None:
    """What the book says of itself, where that says anything: `und` is nobody's language."""
    told = (told or "").strip()
    return told if LANGUAGE.fullmatch(told) and told.lower()[:3] not in ("und", "mul", "zxx", "mis") else None
