"""The engine core in the tests: checkpoints loaded once, passages spoken frame by frame, rows as the engine moves them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import package
import torch
from checkpoints import Kind, Shelf

from models.backend import FinishReason, Frame, Line
from models.qwen import checkpoint, config, sampling
from models.qwen.asked import Asked
from models.qwen.checkpoint import Checkpoint, Plan
from models.qwen.linear import Precision
from models.qwen.passage import Passage
from models.qwen.prompt import Part, Reference
from models.qwen.sampling import Sampling
from models.qwen.script import Stretch
from models.qwen.tokens import Writing

EXACT: tuple[Precision, ...] = ("int8", "int4", "bfloat16")
"""Precisions that promise a row the same samples alone and among others (bfloat16 on small models only)."""


@lru_cache(maxsize=64)
def loaded(folder: Path, precision: Precision = "float32") -> Checkpoint:
    """The checkpoint in `folder`, shared by all tests: whoever needs a budget of their own uses `fresh`."""
    return fresh(folder, precision)


def fresh(folder: Path, precision: Precision = "float32", positions: int = 1 << 16) -> Checkpoint:
    """The checkpoint in `folder` with room for so many positions."""
    one = config.read(folder).talker
    width = 4 if precision == "float32" else 2
    return checkpoint.load(
        folder, Plan(precision, cache_bytes=positions * 2 * one.layers * one.kv_heads * one.head_dim * width)
    )


# --- passages ---------------------------------------------------------------------------------------------------


@dataclass
class Spoken:
    """What became of a passage."""

    codes: list[torch.Tensor] = field(default_factory=list)
    end: FinishReason | None = None
    error: Exception | None = None

    @property
    def over(self) -> bool:
        return self.end is not None or self.error is not None

    @property
    def frames(self) -> torch.Tensor:
        """[n, 16]."""
        return torch.stack(self.codes) if self.codes else torch.zeros(0, 16, dtype=torch.long)


def part(model: Checkpoint, line: Line) -> Part:
    """Who speaks, as the product reads it from a line."""
    return Asked(model).part(line)


@torch.inference_mode()
def passage(model: Checkpoint, who: Part, text: str | None, seed: int = 0, **rules: float) -> Passage:
    """A passage of a whole text, or of one that is still to come (None)."""
    stretch = Stretch() if text is None else Stretch(model.tokens.encode(text), ended=True)
    return Passage(stretch, model.prompts, who, Sampling.read(rules), seed, model.talker.budget, model.shape.vocab)


@torch.inference_mode()
def step(model: Checkpoint, passages: Mapping[int, Passage], spoken: Mapping[int, Spoken]) -> None:
    """Move these passages by a frame."""
    for number, made in zip(passages, model.frames.step(list(passages.values())), strict=True):
        if made.codes is not None:
            spoken[number].codes.append(made.codes)
        spoken[number].end, spoken[number].error = made.end, made.error


def speak(model: Checkpoint, *passages: Passage, joins: Sequence[int] = ()) -> list[Spoken]:
    """Speak these to their ends together, each from its own step on; then their caches are closed."""
    spoken = {number: Spoken() for number in range(len(passages))}
    now = 0
    while not all(one.over for one in spoken.values()):
        going = {
            number: passages[number]
            for number, one in spoken.items()
            if not one.over and now >= (joins[number] if joins else 0)
        }
        step(model, going, spoken)
        now += 1
    for one in passages:
        one.close()
    return list(spoken.values())


def dribble(model: Checkpoint, mine: Passage, text: str, chance: random.Random) -> tuple[Spoken, int]:
    """Speak a passage whose text comes in random bursts, cut anywhere; and how often it had to wait."""
    writing, left, spoken, stalls = Writing(model.tokens), text, Spoken(), 0
    while not spoken.over:
        if left and chance.random() < 0.5:
            size = chance.choice([1, 1, 2, 5, 13])
            words, left = writing.write(left[:size]), left[size:]
            if not left:
                words += writing.end()
            mine.stretch.ids += [number for word in words for number in word.ids]
            mine.stretch.ended = not left
        if mine.ready:
            step(model, {0: mine}, {0: spoken})
        else:
            stalls += 1
    mine.close()
    return spoken, stalls


# --- the package's randomness -----------------------------------------------------------------------------------


class Labelled:
    """Stands in for a passage's draws, and tells whose they are."""

    def __init__(self, label: int) -> None:
        self._label = torch.full((16,), float(label))

    def of(self, frame: int) -> torch.Tensor:
        return self._label


@contextmanager
def drawing_as_the_package(
    *passages: Passage, seeds: Sequence[int] = (), together: int | None = None
) -> Iterator[None]:
    """Draw from torch's generators in the package's order.

    Args:
        seeds: a generator for each passage, as if the package spoke it alone.
        together: the seed of one generator for all of them, as if the package spoke them in one batch.
    """
    for number, one in enumerate(passages):
        one.draws = Labelled(number)  # type: ignore[assignment]
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    common = torch.Generator().manual_seed(together or 0)
    width = 0
    choose = sampling.Choice.__call__

    def remembering(self: sampling.Choice, logits: torch.Tensor, draws: torch.Tensor) -> torch.Tensor:
        nonlocal width
        width = logits.shape[-1]
        return choose(self, logits, draws)

    def draw(shares: torch.Tensor, ids: torch.Tensor, draws: torch.Tensor) -> torch.Tensor:
        dense = torch.zeros(len(ids), width).scatter_(1, ids, shares)
        if together is not None:
            return torch.multinomial(dense, 1, generator=common)[:, 0]
        drawn = [
            torch.multinomial(row[None], 1, generator=generators[int(label)])
            for row, label in zip(dense, draws, strict=True)
        ]
        return torch.cat(drawn)[:, 0]

    with patch.object(sampling.Choice, "__call__", remembering), patch.object(sampling, "draw", draw):
        yield


# --- the package beside us --------------------------------------------------------------------------------------

SAID = "reference text here"
METHODS = {
    "custom_voice": "generate_custom_voice",
    "voice_design": "generate_voice_design",
    "base": "generate_voice_clone",
}


@dataclass(frozen=True)
class Voice:
    """Who speaks, in the package's words and in ours."""

    theirs: Mapping[str, Any]
    ours: Part


class Pair:
    """The package's model of a checkpoint, and ours."""

    def __init__(self, shelf: Shelf, kind: Kind, shape: str, **options: Any) -> None:
        folder = shelf(kind, shape, **options)
        self.kind, self._method = kind, METHODS[kind]
        self._theirs, self.ours = package.load(folder), loaded(folder)

    def theirs(self, text: str | list[str], seed: int = 0, **told: Any) -> list[torch.Tensor]:
        """The package's codes [frames, 16] of every text."""
        return package.codes_of(self._theirs, self._method, text, seed=seed, **told)[0]

    def prompt(self, text: str, **told: Any) -> package.Prompt:
        """What the package hands to its talker."""
        return package.prompt_of(self._theirs, self._method, text, **told)[0]

    @cached_property
    def voices(self) -> dict[str, Voice]:
        return {"custom_voice": self._presets, "voice_design": self._designs, "base": self._clones}[self.kind]()

    def _presets(self) -> dict[str, Voice]:
        slowly = "Speak slowly, as if it were late."
        return {
            "preset": self._preset("ryan", "English", "en"),
            "preset auto": self._preset("vivian", "Auto", "auto"),
            "preset instructed": self._preset("ono_anna", "German", "de-AT", slowly),
            "dialect": self._preset("eric", "Chinese", "zh"),
            "dialect auto": self._preset("eric", "Auto", "auto"),
            "dialect english": self._preset("dylan", "English", "en"),
        }

    def _preset(self, speaker: str, language: str, tag: str, instruct: str = "") -> Voice:
        told = {"speaker": speaker, "language": language, "instruct": instruct}
        return Voice(told, part(self.ours, Line(speaker, tag, 0, instruct=instruct)))

    def _designs(self) -> dict[str, Voice]:
        return {
            "design": self._design("A warm old voice", "English", "en"),
            "design auto": self._design("Bright, young. Very quick!", "Auto", "auto"),
            "design chinese": self._design("温柔的女声", "Chinese", "zh-CN"),
            "no design": self._design("", "French", "fr"),
        }

    def _design(self, instruct: str, language: str, tag: str) -> Voice:
        told = {"instruct": instruct, "language": language}
        return Voice(told, part(self.ours, Line("designed", tag, 0, instruct=instruct)))

    def _clones(self) -> dict[str, Voice]:
        time = np.arange(24_000) / 24_000
        wave = (0.3 * np.sin(2 * np.pi * 220 * time * (1 + time))).astype(np.float32)
        with package.quiet():
            (whole,) = self._theirs.create_voice_clone_prompt((wave, 24_000), SAID)
            (sound,) = self._theirs.create_voice_clone_prompt((wave, 24_000), None, x_vector_only_mode=True)
        reference = Reference(self.ours.tokens.encode(SAID), whole.ref_code)
        return {
            "clone": self._clone(whole, "English", Part("english", reference=reference)),
            "clone auto": self._clone(whole, "Auto", Part(None, reference=reference)),
            "embedding": self._clone(sound, "Spanish", Part("spanish")),
            "embedding auto": self._clone(sound, "Auto", Part(None)),
        }

    def _clone(self, item: Any, language: str, who: Part) -> Voice:
        who = Part(who.language, embedding=item.ref_spk_embedding, reference=who.reference)
        return Voice({"voice_clone_prompt": [item], "language": language}, who)

    def together(self, names: Sequence[str]) -> dict[str, Any]:
        """What the package is told of these voices in one batch."""
        told: dict[str, list[Any]] = {}
        for name in names:
            for key, value in self.voices[name].theirs.items():
                told.setdefault(key, []).extend(value if isinstance(value, list) else [value])
        return dict(told)


# --- rows -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """A row, as a test wants it to come and go."""

    line: Line
    text: Sequence[str]
    """Fed a piece a step; with an empty one nothing comes in that step."""
    joins: int = 0
    """The step it joins at."""
    away: range = range(0)
    """The steps between which it is parked."""


@dataclass
class Heard:
    """What a listener got."""

    pcm: bytes = b""
    end: FinishReason | None = None
    error: Exception | None = None
    seed: int | None = None
    frames: list[Frame] = field(default_factory=list)

    def take(self, frame: Frame) -> None:
        self.frames.append(frame)
        self.pcm += frame.pcm
        self.end, self.error, self.seed = frame.end, frame.error, frame.seed

    @property
    def over(self) -> bool:
        return self.end is not None or self.error is not None


def perform(rows: Any, *acts: Act, each: Callable[[int], None] = lambda now: None, steps: int = 10_000) -> list[Heard]:
    """Play these acts on a `Rows` or a backend, as the engine would; every row leaves at its end.

    A row comes back from being parked in another slot. `each` is called before every step with its number.
    """
    heard = [Heard() for _ in acts]
    slots = list(range(2 * len(acts), -1, -1))
    held: dict[int, int] = {}
    parked: dict[int, object] = {}
    pieces = [list(act.text) for act in acts]
    ended = [False] * len(acts)
    dry = [False] * len(acts)
    for now in range(steps):
        each(now)
        for number, act in enumerate(acts):
            if heard[number].over:
                continue
            if now == act.joins:
                held[number] = slots.pop()
                rows.join(held[number], act.line)
            if number in held and now in act.away:
                parked[number] = rows.park(held[number])
                slots.insert(0, held.pop(number))
            if number in parked and now not in act.away:
                held[number] = slots.pop()
                rows.restore(held[number], parked.pop(number))
            if number in held and pieces[number] and (piece := pieces[number].pop(0)):
                rows.feed(held[number], piece)
                dry[number] = False
            if number in held and not pieces[number] and not ended[number]:
                rows.end_text(held[number])
                ended[number], dry[number] = True, False
        moved = {held[number]: number for number in held if not dry[number]}
        for frame in rows.step(list(moved)) if moved else []:
            number = moved[frame.slot]
            heard[number].take(frame)
            dry[number] = frame.dry
            if heard[number].over:
                rows.leave(frame.slot)
                slots.insert(0, held.pop(number))
        if all(one.over for one in heard):
            return heard
    raise AssertionError(f"not over after {steps} steps: {[one.end for one in heard]}")


def alone(rows: Any, act: Act) -> Heard:
    """The same act with the model to itself, its text there at once, never parked."""
    (heard,) = perform(rows, replace(act, text=["".join(act.text)], joins=0, away=range(0)))
    return heard


class Clock(SimpleNamespace):
    """Stands in for `time` in models.qwen.rows: every look at it takes so many seconds."""

    def __init__(self, tick: float) -> None:
        super().__init__(now=0.0, tick=tick)

    def monotonic(self) -> float:
        self.now += self.tick
        return float(self.now)


SLOW, FAST = 10.0, 0.0
"""A machine that always lags behind its listeners, and one that needs no time at all."""
