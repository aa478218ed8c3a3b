"""All rows of one loaded checkpoint: what the backend's methods do."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import torch

from models.backend import Frame, Line, RowFailed
from models.qwen.checkpoint import Checkpoint
from models.qwen.codec import CodecState
from models.qwen.languages import LANGUAGES, primary
from models.qwen.passage import Passage
from models.qwen.prompt import Part
from models.qwen.row import Row
from models.qwen.sampling import Sampling
from models.qwen.script import Script, Stretch


class Rows:
    """Lives in the engine's thread."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint
        self._rows: dict[int, Row] = {}
        self._step_s = 0.0
        """What a frame costs, smoothed over the last steps."""

    def join(self, slot: int, line: Line) -> None:
        """Start a row. Raises RowFailed for a line that this checkpoint cannot speak."""
        model = self._checkpoint
        part, sampling = self._part(line), self._sampling(line)

        def begin(stretch: Stretch, seed: int) -> Passage:
            return Passage(stretch, model.prompts, part, sampling, seed, model.talker.budget, model.shape.vocab)

        self._rows[slot] = Row(Script(model.tokens), line.seed, begin, lambda: self._remember(part), _is_guarded(line))

    def feed(self, slot: int, text: str) -> None:
        """Append text, cut anywhere."""
        self._rows[slot].script.write(text)

    def end_text(self, slot: int) -> None:
        """No more text will come."""
        self._rows[slot].script.end()

    def park(self, slot: int) -> Row:
        """Take a row out, whole."""
        return self._rows.pop(slot)

    def restore(self, slot: int, row: Row) -> None:
        """Put it back."""
        self._rows[slot] = row

    def leave(self, slot: int) -> None:
        """Forget a row, if there is one."""
        if row := self._rows.pop(slot, None):
            row.close()

    @torch.inference_mode()
    def step(self, slots: Sequence[int]) -> list[Frame]:
        """Move these rows by a frame each; samples come of those whose frames are due."""
        started = time.monotonic()
        rows = {slot: self._rows[slot] for slot in slots}
        failed = self._move(rows)
        took = time.monotonic() - started
        self._step_s = took if not self._step_s else 0.8 * self._step_s + 0.2 * took
        pcm = self._sound({slot: row for slot, row in rows.items() if slot not in failed})
        return [
            Frame(slot, error=failed[slot]) if slot in failed else _frame(slot, row, pcm.get(slot, b""))
            for slot, row in rows.items()
        ]

    def _move(self, rows: dict[int, Row]) -> dict[int, Exception]:
        """A frame of every row that can be moved; what went wrong with the others."""
        moved = [(slot, row, passage) for slot, row in rows.items() if (passage := row.passage()) is not None]
        failed: dict[int, Exception] = {}
        made_of = self._checkpoint.frames.step([passage for *_, passage in moved])
        for (slot, row, _), made in zip(moved, made_of, strict=True):
            if made.error is not None:
                failed[slot] = made.error
            elif made.end is not None:
                row.finish(made.end)
            else:
                assert made.codes is not None
                row.take(made.codes)
        return failed

    def _sound(self, rows: dict[int, Row]) -> dict[int, bytes]:
        """PCM of the rows whose waiting frames are due; rows with as many of them are decoded together."""
        now = time.monotonic()
        due = sorted((len(row.waiting), slot) for slot, row in rows.items() if row.due(now, self._step_s))
        pcm: dict[int, bytes] = {}
        for _, group in groupby(due, key=lambda entry: entry[0]):
            together = [slot for _, slot in group]
            codes = torch.stack([torch.stack(rows[slot].waiting, 1) for slot in together])
            waves = self._checkpoint.codec.decode([rows[slot].codec for slot in together], codes)
            pcm |= {slot: rows[slot].pcm(wave, time.monotonic()) for slot, wave in zip(together, waves, strict=True)}
        return pcm

    # --- what a line asks for -----------------------------------------------------------------------------------

    def _part(self, line: Line) -> Part:
        shape, tokens = self._checkpoint.shape, self._checkpoint.tokens
        language = LANGUAGES.get(primary(line.language))
        if language is not None and language not in shape.languages:
            raise RowFailed(f"this checkpoint does not speak {language}")
        part = Part(language)
        if line.instruct and line.instruct.strip() and not (shape.task == "custom_voice" and shape.small):
            part = replace(part, instruction=tokens.instruction(line.instruct.strip()))
        if shape.task == "custom_voice":
            if line.speaker not in shape.speakers:
                raise RowFailed(f"this checkpoint has no speaker {line.speaker!r}")
            return replace(part, speaker=line.speaker)
        if shape.task == "base":
            raise RowFailed("this checkpoint clones voices, and no voice was given to clone")
        return part

    def _sampling(self, line: Line) -> Sampling:
        try:
            return Sampling.read(self._checkpoint.shape.generation, line.sampling)
        except (ValueError, TypeError) as error:
            raise RowFailed(str(error)) from error

    def _remember(self, part: Part) -> CodecState:
        """The codec before the first frame: it has heard the reference that a clone goes on from."""
        state = self._checkpoint.codec.start()
        if part.reference is not None:
            self._checkpoint.codec.prime(state, part.reference.codes.T)
        return state


def _is_guarded(line: Line) -> bool:
    return bool(line.sampling.get("stop_guard", True))


def _frame(slot: int, row: Row, pcm: bytes) -> Frame:
    dry = row.passage() is None and not row.waiting
    over = row.end if not row.waiting else None
    return Frame(slot, pcm, end=over, dry=dry and over is None, seed=row.seed)
