"""All rows of one loaded checkpoint: what the backend's methods do."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

import torch

from models.backend import Frame, Line, RowFailed
from models.qwen import voices
from models.qwen.asked import Asked
from models.qwen.cache import Full
from models.qwen.checkpoint import Checkpoint
from models.qwen.codec import Codec, CodecState
from models.qwen.config import CODEBOOKS
from models.qwen.pacing import SIZES, Costs
from models.qwen.passage import Passage
from models.qwen.row import Row
from models.qwen.script import Script, Stretch
from models.qwen.shortage import told


@dataclass(frozen=True, slots=True)
class Parked:
    """A row out of its slot, and what it was asked to be."""

    row: Row
    line: Line


class Rows:
    """Lives in the engine's thread."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint
        self._asked = Asked(checkpoint)
        self._rows: dict[int, Row] = {}
        self._lines: dict[int, Line] = {}
        self._costs = Costs()

    @property
    def codec(self) -> Codec:
        """What makes samples of codes."""
        return self._checkpoint.codec

    def join(self, slot: int, line: Line) -> None:
        """Start a row. Raises RowFailed for a line that this checkpoint cannot speak."""
        begin, remember = self._ways(line)
        self._rows[slot] = Row(
            Script(self._checkpoint.tokens), line.seed, begin, remember, _is_guarded(line), line.live
        )
        self._lines[slot] = line

    def blend(self, parts: Sequence[tuple[str | bytes, float]]) -> bytes:
        """The voice prompt of a mix. Raises BadReference, or RowFailed where the checkpoint takes no prompts."""
        return voices.blend(self._checkpoint, parts).to_bytes()

    def embedding(self, voice: str | bytes) -> list[float]:
        """The speaker embedding of a voice prompt or of a speaker. Raises BadReference or RowFailed."""
        return voices.embedding(self._checkpoint, voice).tolist()

    def feed(self, slot: int, text: str) -> None:
        """Append text, cut anywhere."""
        self._rows[slot].script.write(text)

    def end_text(self, slot: int) -> None:
        """No more text will come."""
        self._rows[slot].script.end()

    def park(self, slot: int) -> Parked:
        """Take a row out, whole, with nothing of the model but its text tokenizer."""
        row, line = self._rows.pop(slot), self._lines.pop(slot)
        row.let_go()
        return Parked(row, line)

    def restore(self, slot: int, parked: Parked) -> None:
        """Put it back. Raises RowFailed where a model that was loaded anew has no room for what it holds."""
        model = self._checkpoint
        try:
            parked.row.take_up(*self._ways(parked.line), model.prompts, model.talker.budget)
        except Full as error:
            raise RowFailed("there was no memory left to go on with this; ask for less at once") from error
        self._rows[slot], self._lines[slot] = parked.row, parked.line

    def leave(self, slot: int) -> None:
        """Forget a row, if there is one."""
        self._lines.pop(slot, None)
        if row := self._rows.pop(slot, None):
            row.close()

    @torch.inference_mode()
    def warm_up(self) -> None:
        """Decode every size of chunk once: the first of a size takes longer, and what each costs is known from then on."""
        codec = self._checkpoint.codec
        for frames in SIZES * 2:
            started = time.monotonic()
            codec.decode([codec.start()], torch.zeros(1, CODEBOOKS, frames, dtype=torch.long))
            self._costs.decoded(frames, time.monotonic() - started)

    @torch.inference_mode()
    def step(self, slots: Sequence[int]) -> list[Frame]:
        """Move these rows by a frame each; samples come of those whose frames are due."""
        with told("to speak all of this at once"):
            return self._stepped(slots)

    def _stepped(self, slots: Sequence[int]) -> list[Frame]:
        rows = {slot: self._rows[slot] for slot in slots}
        failed: dict[int, Exception] = {}
        self._move(rows, failed)
        pcm = self._sound({slot: row for slot, row in rows.items() if slot not in failed}, failed)
        return [
            Frame(slot, error=failed[slot]) if slot in failed else _frame(slot, row, pcm.get(slot, b""))
            for slot, row in rows.items()
        ]

    def _move(self, rows: dict[int, Row], failed: dict[int, Exception]) -> None:
        """A frame of every row that can be moved; `failed` is told what went wrong."""
        moved = [(slot, row, passage) for slot, row in rows.items() if (passage := row.passage()) is not None]
        if not moved:
            return
        started = time.monotonic()
        made_of = self._checkpoint.frames.step([passage for *_, passage in moved])
        self._costs.stepped(time.monotonic() - started)
        for (slot, row, _), made in zip(moved, made_of, strict=True):
            if made.error is not None:
                failed[slot] = made.error
            elif made.end is not None:
                row.finish(made.end)
            else:
                assert made.codes is not None
                row.take(made.codes)

    def _sound(self, rows: dict[int, Row], failed: dict[int, Exception]) -> dict[int, bytes]:
        """PCM of the rows whose waiting frames are due, as many of each decoded together; `failed` is told what went wrong."""
        now = time.monotonic()
        due = sorted((len(row.waiting), slot) for slot, row in rows.items() if row.due(now, self._costs))
        pcm: dict[int, bytes] = {}
        for frames, group in groupby(due, key=lambda entry: entry[0]):
            together = [slot for _, slot in group]
            codes = torch.stack([torch.stack(rows[slot].waiting, 1) for slot in together])
            started = time.monotonic()
            waves = self._checkpoint.codec.decode([rows[slot].codec for slot in together], codes)
            self._costs.decoded(frames, time.monotonic() - started)
            for slot, wave in zip(together, waves, strict=True):
                if bool(wave.isfinite().all()):
                    pcm[slot] = rows[slot].pcm(wave, time.monotonic())
                else:
                    failed[slot] = RowFailed("the codec's numbers overflowed while speaking this; try another seed")
        return pcm

    def _ways(self, line: Line) -> tuple[Callable[[Stretch, int], Passage], Callable[[], CodecState]]:
        """How a row of this line begins a passage, and what the codec knows before its first frame."""
        model, part, sampling = self._checkpoint, self._asked.part(line), self._asked.sampling(line)

        def begin(stretch: Stretch, seed: int) -> Passage:
            return Passage(stretch, model.prompts, part, sampling, seed, model.talker.budget, model.shape.vocab)

        return begin, lambda: self._asked.heard(line)


def _is_guarded(line: Line) -> bool:
    return bool(line.sampling.get("stop_guard", True))


def _frame(slot: int, row: Row, pcm: bytes) -> Frame:
    dry = row.passage() is None and not row.waiting
    over = row.end if not row.waiting else None
    return Frame(slot, pcm, end=over, dry=dry and over is None, seed=row.seed)
