"""What an engine backend is: rows of speech in slots, moved one step at a time.

All methods are called from the engine's own thread, one at a time; `facts` may be read from anywhere, at any time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]
    Codes = NDArray[np.int16]

FinishReason = Literal["stop", "length", "runaway"]
# What a model speaks with: speakers of its own, a voice of every description, or the voice of a recording.
Task = Literal["preset", "design", "clone"]


class ModelFault(Exception):
    """A failure of ours inside the engine room: not the caller's mistake."""


class EngineUnavailable(ModelFault):
    """Nothing can be spoken now; the text says why and what would change that."""


class OutOfMemory(EngineUnavailable):
    """There is no memory for what was tried; with less at once, or a little later, it may work."""


class BadReference(Exception):
    """A recording, a transcript or a mix that no voice can be made from: the caller's mistake, and how to mend it."""


class RowFailed(ModelFault):
    """One row could not go on; the others were not touched."""


class StalePrompt(RowFailed):
    """A voice prompt of another model or version, or a damaged one: it has to be made again from what it was made of."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A voice that a backend has by itself."""

    id: str
    label: str
    languages: tuple[str, ...]
    """BCP-47 with hyphens, the best one first."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a backend is, known before it is loaded."""

    name: str
    """The engine's name: `builtin`, `tone`, `qwen`."""
    model: str
    """The model id that clients see."""
    sample_rate: int
    """Hz, of every row."""
    slots: int
    """How many rows may hold state at once."""
    width: int
    """How many rows one step may move."""
    speakers: tuple[Speaker, ...]
    version: str = ""
    task: Task = "preset"
    languages: tuple[str, ...] = ()
    """BCP-47; of a model that clones voices, which has no speakers to tell them."""
    dtype: str = ""
    """What its weights are held in, where there is a choice."""
    light: bool = False
    """So small that it makes way for nobody, and nobody for it."""
    live_text: bool = False
    """Rows take text as it is written, cut anywhere, and not sentence by sentence."""
    voiceprint: str = ""
    """Which voice prompts it speaks with: those made under the same one. Empty where it takes none, or cannot be read."""
    codebook: int = 0
    """How many codes its audio codec chooses from (see AudioCodec); 0 where it has none."""
    encodes: bool = False
    """Whether that codec can make codes of audio, too."""
    licence: str = ""
    attribution: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What one row is asked to be: everything but its text, which is fed in segments."""

    speaker: str
    language: str
    """One of the speaker's languages."""
    seed: int
    instruct: str | None = None
    """How to speak; for a model that designs voices, who."""
    sampling: Mapping[str, float | int | bool] = field(default_factory=dict)
    voice_prompt: bytes | None = None
    """A cloned or mixed voice, as the model that made it wrote it. It goes before the speaker."""
    model: str = ""
    """The id of the model that is to speak; empty is the default one."""
    live: bool = True
    """Somebody listens while it is made; else it is made in larger pieces, which takes less time in all."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What one step made of one row."""

    slot: int
    pcm: bytes = b""
    """s16le mono at the engine's rate; may be empty."""
    end: FinishReason | None = None
    """Set on the row's last frame."""
    dry: bool = False
    """All fed text is spoken and more may come: do not step this row until it is fed."""
    error: Exception | None = None
    """The row cannot go on. Its slot is left by the engine."""
    seed: int | None = None
    """The seed that was used, where it is not the one asked for."""


class Backend(Protocol):
    """One model, ready to be loaded. Implemented by the built-in voice, the tone and Qwen3-TTS."""

    @property
    def facts(self) -> Facts:
        """Known before loading, and constant."""

    def load(self) -> None:
        """Take the memory. Raises EngineUnavailable with a reason a person can act on, OutOfMemory among them."""

    def warm_up(self) -> None:
        """Make the first request as quick as the second."""

    def unload(self) -> None:
        """Give the memory back; every row in a slot is gone."""

    def join(self, slot: int, line: Line) -> None:
        """Start a row in a free slot."""

    def feed(self, slot: int, text: str) -> None:
        """Append cleaned text: a sentence, or any piece of it where `facts.live_text`."""

    def end_text(self, slot: int) -> None:
        """No more text will be fed to this row."""

    def step(self, slots: Sequence[int]) -> list[Frame]:
        """Move these rows by one frame each; exactly one Frame a slot comes back. May raise OutOfMemory."""

    def park(self, slot: int) -> object:
        """Take a row out of its slot, whole; what is returned goes to `restore`, maybe in another slot.

        It outlives `unload`, and keeps none of the memory that is given back there.
        """

    def restore(self, slot: int, parked: object) -> None:
        """Put a parked row back; its audio goes on as if it had never stopped."""

    def leave(self, slot: int) -> None:
        """Forget the row in this slot, if there is one."""


@runtime_checkable
class Imprinter(Protocol):
    """What a backend has besides where it makes voice prompts: voices as bytes that only their own model reads.

    A voice is given as a prompt (bytes) or by the name of one of the model's speakers. All but `prepare` are called from
    the engine's own thread while the model is loaded, and raise StalePrompt for a prompt that is not this model's.
    """

    def prepare(self) -> None:
        """Import what `imprint` needs, from any thread; nothing when that is done. Raises EngineUnavailable."""

    def imprint(self, samples: Samples, sample_rate: int, transcript: str | None) -> bytes:
        """The prompt of a recording (mono, -1..1), which is that of `transcript`. Raises BadReference, EngineUnavailable."""

    def blend(self, parts: Sequence[tuple[str | bytes, float]]) -> bytes:
        """The prompt of a mix of voices, each with its weight, in any order; of one alone, its own. Raises BadReference."""

    def embedding(self, voice: str | bytes) -> list[float]:
        """Where a voice lies among all that the model can speak with. Raises BadReference."""


@runtime_checkable
class Tokenizing(Protocol):
    """What a backend has besides where its model takes a text as tokens."""

    def tokens(self, text: str) -> list[str]:
        """The pieces of a text, from any thread, whether or not the model is loaded. Raises EngineUnavailable."""


@runtime_checkable
class AudioCodec(Protocol):
    """What a backend has besides where its model speaks in codes: 16 numbers for 80 ms of sound, from 0 to `facts.codebook`.

    Both ways are work in portions: each `next` is called from the engine's own thread and is short, and others speak in between.
    """

    def prepare_encoding(self) -> None:
        """Import what `encoding` needs, from any thread; nothing when that is done. Raises EngineUnavailable."""

    def encoding(self, samples: Samples, sample_rate: int) -> Iterator[Codes | None]:
        """The codes [frames, 16] of a recording (mono, -1..1) after some portions of None, whether or not the model is loaded.

        Raises BadReference, EngineUnavailable.
        """

    def decoding(self, codes: Codes) -> Iterator[bytes]:
        """The sound of codes [frames, 16], s16le mono at `facts.sample_rate`, portion by portion.

        The model is loaded at each `next`, and may have been unloaded in between. Raises RowFailed.
        """
