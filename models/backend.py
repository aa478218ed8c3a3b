"""What an engine backend is: rows of speech in slots, moved one step at a time.

All methods are called from the engine's own thread, one at a time; `facts` may be read from anywhere, at any time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

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
    """A recording or transcript that no voice can be made from: the caller's mistake, and how to mend it."""


class RowFailed(ModelFault):
    """One row could not go on; the others were not touched."""


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
    """A cloned voice, as the model that made it wrote it."""
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
