"""The audition of a run: held once, whatever is killed, its takes in the run folder for whoever wants to hear them."""

from __future__ import annotations

import asyncio
import io
import json
import wave
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from daemon.gate import Gate, Verdict
from daemon.limits import MAX_SEED
from daemon.making.auditions import AuditionRoom
from daemon.pipelines.joined import stored
from daemon.pipelines.tools import PREPARED, Work
from daemon.text.clean import clean
from outputs.recording import replace
from voices.auditions import Audition, Auditions, NoSuchAudition

TAKES: Final = "auditions"
_HELD: Final = "audition.json"
_BEGUN: Final = "audition.begun"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of it."""

    description: str
    takes: int
    seed: int
    """Of the first take; the others have the next ones."""
    text: str | None = None
    language: str | None = None
    model: str | None = None

    def is_met_by(self, held: Audition) -> bool:
        """Whether its takes are those that are wanted."""
        seeds = [(self.seed + number) % (MAX_SEED + 1) for number in range(self.takes)]
        said = self.text is None or clean(self.text) == held.text
        return said and held.description == self.description and [take.seed for take in held.takes] == seeds


async def audition(room: AuditionRoom, work: Work, wanted: Wanted) -> Audition:
    """The one that this run has held, or is held now. Raises what holding one does, and StorageFailed.

    A kill while it is held leaves nothing of it; one that was held just before a kill is found again.
    """
    if (kept := await asyncio.to_thread(read, work.folder)) is not None:
        return kept
    work.tell("auditioning", None)
    begun = await asyncio.to_thread(_begun, work.folder)
    held = await asyncio.to_thread(_found, room.auditions, wanted, begun)
    if held is None:
        held = await room.hold(
            wanted.description, text=wanted.text, language=wanted.language, takes=wanted.takes, seed=wanted.seed,
            model=wanted.model,
        )  # fmt: skip
    await asyncio.to_thread(_copy, room.auditions, held, work.folder)
    return held


def read(folder: Path) -> Audition | None:
    """What a run folder tells of its audition; None before it was held. Raises StorageFailed."""
    with stored(folder), suppress(FileNotFoundError):
        return Audition.model_validate_json((folder / PREPARED / _HELD).read_bytes())
    return None


def file(take: int) -> str:
    """Where a take lies in the run folder."""
    return f"{TAKES}/{take}.wav"


async def judged(gate: Gate, work: Work, held: Audition) -> Sequence[Verdict]:
    """What the gate thinks of every take. Raises StorageFailed."""
    found = list[Verdict]()
    for number, take in enumerate(held.takes):
        work.tell("listening", number / len(held.takes))
        pcm, sample_rate = await asyncio.to_thread(_pcm, work.folder / file(take.take))
        found.append(await gate.judge(pcm, sample_rate, held.text, held.language))
    return found


def restore(auditions: Auditions, held: Audition, folder: Path) -> None:
    """Give it back to the house, which keeps the newest alone and may have forgotten it. Raises StoreFailed, StorageFailed."""
    with suppress(NoSuchAudition):
        for take in held.takes:
            auditions.audio(held.id, take.take)
        return
    with suppress(NoSuchAudition):
        auditions.remove(held.id)
    with stored(folder):
        wavs = [(folder / file(take.take)).read_bytes() for take in held.takes]
    auditions.keep(held.model_copy(update={"created": datetime.now(UTC)}), wavs)


def _begun(folder: Path) -> datetime:
    """When this run first wanted one."""
    path = folder / PREPARED / _BEGUN
    with stored(folder):
        if not path.exists():
            replace(path, json.dumps(datetime.now(UTC).isoformat()).encode())
        return datetime.fromisoformat(json.loads(path.read_bytes()))


def _found(auditions: Auditions, wanted: Wanted, begun: datetime) -> Audition | None:
    """One that a process held for this run before it was killed."""
    return next((one for one in auditions.all() if one.created >= begun and wanted.is_met_by(one)), None)


def _copy(auditions: Auditions, held: Audition, folder: Path) -> None:
    """Its takes into the run folder, and then the word that they are there."""
    with stored(folder):
        (folder / TAKES).mkdir(exist_ok=True)
        for take in held.takes:
            replace(folder / file(take.take), auditions.audio(held.id, take.take).read_bytes())
        replace(folder / PREPARED / _HELD, held.model_dump_json(indent=1).encode())


def _pcm(path: Path) -> tuple[bytes, int]:
    with stored(path.parent.parent):
        data = path.read_bytes()
    with wave.open(io.BytesIO(data)) as recording:
        return recording.readframes(recording.getnframes()), recording.getframerate()
