"""Whole audio files with tags, cover and chapters: written beside their place, then renamed into it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

from outputs.blocks import SAMPLE_BYTES, Blocks
from outputs.kinds import Kind, find
from outputs.picture import Picture, picture_of
from outputs.sound import Sound
from outputs.tags import NO_TAGS, Chapter, Tags, as_comments

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.container.core import Chapter as Told
    from av.packet import Packet
    from av.stream import Stream

# The table of contents in ID3 counts in one byte.
MAX_MP3_CHAPTERS: Final = 255
# Players refuse a file without any audio: it gets this much silence.
_LEAST_S: Final = 0.02
# What FFmpeg calls the kind of picture that MP3 and FLAC show first.
_FRONT: Final = "Cover (front)"


def write(path: Path, sound: Sound, kind: str, tags: Tags = NO_TAGS, chapters: Sequence[Chapter] = ()) -> int:
    """Write all of the sound; how many samples it had. The same sound gives the same bytes.

    The file appears when it is whole. WAV, AAC and PCM have no place for chapters. Raises UnknownFormat, OSError, and
    ValueError for more chapters than an MP3 holds or a cover that is no image.
    """
    return write_blocks(path, sound, sound.sample_rate, find(kind), tags, chapters)


def write_blocks(
    path: Path, blocks: Iterable[bytes], sample_rate: int, kind: Kind, tags: Tags, chapters: Sequence[Chapter]
) -> int:
    """As `write`, of what can be read but once."""
    if kind.name == "mp3" and len(chapters) > MAX_MP3_CHAPTERS:
        raise ValueError(
            f"an MP3 holds {MAX_MP3_CHAPTERS} chapters, and these are {len(chapters)}; M4B holds any number"
        )
    with _replacing(path) as part:
        file = _File(part, kind, sample_rate, tags, chapters)
        try:
            for pcm in blocks:
                file.add(pcm)
            return file.finish()
        finally:
            file.close()


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A place beside the path; what was written there takes the path's when all went well, and is gone otherwise."""
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class _File:
    """An FFmpeg file that is being written."""

    def __init__(self, path: Path, kind: Kind, sample_rate: int, tags: Tags, chapters: Sequence[Chapter]) -> None:
        import av  # FFmpeg's libraries take 50 ms to import

        picture = picture_of(tags.cover) if tags.cover and kind.covers else None
        rate = kind.rate(sample_rate)
        self._sample_rate, self._blocks, self._samples = sample_rate, Blocks(sample_rate), 0
        self._container = av.open(str(path), "w", format=kind.muxer, options=_options(kind, rate))
        self._stream = _stream(self._container, kind, rate)
        words = dict(kind.words) | tags.words()
        if kind.comments:  # FFmpeg forgets the chapters of a FLAC file, and those of an Ogg file without other tags
            words |= as_comments(chapters, sample_rate)
        else:
            self._container.set_chapters(_told(chapters, sample_rate))
        if picture and kind.muxer == "ogg":
            words |= picture.as_comment()
            picture = None
        (self._stream if kind.muxer == "ogg" else self._container).metadata.update(words)
        self._cover = _cover(self._container, picture) if picture else None

    def add(self, pcm: bytes) -> None:
        """Any cut."""
        for block in self._blocks.add(pcm):
            self._feed(block)

    def finish(self) -> int:
        """What is left, and the end of the file; how many samples it had."""
        rest = self._blocks.rest()
        if rest or not self._samples:
            self._feed(rest or bytes(SAMPLE_BYTES * round(_LEAST_S * self._sample_rate)))
        self._mux(self._stream.encode(None))
        self._container.close()
        return self._samples

    def close(self) -> None:
        """Let go of what failed; nothing after `finish`."""
        with suppress(OSError):  # it is what has failed, and that was told
            self._container.close()

    def _feed(self, pcm: bytes) -> None:
        from outputs.codec import s16_frame

        frame = s16_frame(pcm, self._sample_rate)
        frame.pts, frame.time_base = self._samples, Fraction(1, self._sample_rate)
        self._samples += frame.samples
        self._mux(self._stream.encode(frame))

    def _mux(self, packets: list[Packet[AudioStream]]) -> None:
        if self._cover:
            self._container.mux(self._cover)
            self._cover = None
        self._container.mux(packets)


def _options(kind: Kind, rate: int) -> dict[str, str]:
    """No dates, no versions, no random ids; and in MP4 times to the sample, not to the millisecond."""
    return {"fflags": "+bitexact", **kind.muxing, **({"movie_timescale": str(rate)} if kind.muxer == "mp4" else {})}


def _stream(container: OutputContainer, kind: Kind, rate: int) -> AudioStream:
    from av.audio.stream import AudioStream

    stream = container.add_stream(kind.encoder, rate=rate, options=dict(kind.coding), layout="mono")
    assert isinstance(stream, AudioStream)
    if kind.bit_rate is not None:
        stream.codec_context.bit_rate = kind.bit_rate
    return stream


def _told(chapters: Sequence[Chapter], sample_rate: int) -> list[Told]:
    base = Fraction(1, sample_rate)
    return [
        {"id": number, "start": one.begin, "end": one.end, "time_base": base, "metadata": {"title": one.title}}
        for number, one in enumerate(chapters)
    ]


def _cover(container: OutputContainer, picture: Picture) -> Packet[Stream]:
    """A stream of one picture, and the picture, to be written once the file has begun."""
    from av.packet import Packet
    from av.stream import Disposition

    stream = container.add_mux_stream(picture.codec, rate=1, width=picture.width, height=picture.height)
    stream.disposition = Disposition.attached_pic
    stream.metadata["comment"] = _FRONT
    packet: Packet[Stream] = Packet(picture.data)
    packet.stream, packet.time_base, packet.is_keyframe = stream, Fraction(1, 1), True
    packet.pts = packet.dts = 0
    return packet
