"""The take that was chosen, written down before a voice is made of it, and the voice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from daemon.faults import PoorReference
from daemon.gate import Gate
from daemon.imprints import MAX_SECONDS, MIN_SECONDS
from daemon.making.profiles import Draft, Profiles
from daemon.pipelines.design.audition import file, judged, restore
from daemon.pipelines.design.choice import By, Choice
from daemon.pipelines.joined import stored
from daemon.pipelines.tools import PREPARED, NeedsChoice, Work
from outputs.recording import encode_json, replace
from voices.auditions import Audition
from voices.profile import Profile

_CHOSEN: Final = "choice.json"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A take, and why this one."""

    take: int
    seed: int
    by: By
    verdicts: Sequence[Mapping[str, Any]] = ()
    """What the gate thought of every take, where it chose."""

    @property
    def good(self) -> bool:
        """Whether the gate let it pass, where it was asked."""
        return not self.verdicts or bool(self.verdicts[self.take - 1]["good"])


async def chosen(gate: Gate, work: Work, held: Audition, wish: Choice) -> Chosen:
    """The take of this run. Raises NeedsChoice, PoorReference where none can be chosen, StorageFailed."""
    if (kept := await asyncio.to_thread(read, work.folder)) is not None:
        return kept
    found = await _choose(gate, work, held, wish)
    await asyncio.to_thread(_keep, work.folder, found)
    return found


def read(folder: Path) -> Chosen | None:
    """What a run folder tells of it; None before the choice. Raises StorageFailed."""
    with stored(folder), suppress(FileNotFoundError):
        return Chosen(**json.loads((folder / PREPARED / _CHOSEN).read_bytes()))
    return None


async def locked(profiles: Profiles, work: Work, held: Audition, taken: Chosen, draft: Draft) -> Profile:
    """The voice of the take: made now, or by this run before it was killed. Raises what Profiles.lock does."""
    work.tell("locking", None)
    if (own := await asyncio.to_thread(_own, profiles, held, taken, draft.id)) is not None:
        return own
    await asyncio.to_thread(restore, profiles.auditions.auditions, held, work.folder)
    return await profiles.lock(held.id, taken.take, draft)


async def _choose(gate: Gate, work: Work, held: Audition, wish: Choice) -> Chosen:
    usable = [take for take in held.takes if MIN_SECONDS <= take.seconds <= MAX_SECONDS]
    if not usable:
        told = ", ".join(f"{take.seconds:.1f}" for take in held.takes)
        raise PoorReference(f"no take can be made a voice: they last {told} s; try another seed or audition_text")
    try:
        asked = Choice.read(work.choice) if work.choice else wish
        take = asked.of(held.takes)
    except ValueError as error:
        raise NeedsChoice(_question(work, held, f"{error}. ")) from error
    if take is None and asked.by == "hand":
        raise NeedsChoice(_question(work, held))
    if take is not None and take not in usable:
        told = f"take {take.take} lasts {take.seconds:.1f} s, of which no voice can be made. "
        raise NeedsChoice(_question(work, held, told))
    if take is not None:
        return Chosen(take.take, take.seed, "hand" if work.choice else asked.by)
    verdicts = await judged(gate, work, held)
    best = max(usable, key=lambda one: verdicts[held.takes.index(one)].score)  # the first among equals
    return Chosen(best.take, best.seed, "gate", [one.as_dict() for one in verdicts])


def _question(work: Work, held: Audition, mistake: str = "") -> str:
    run, files = work.folder.name.rpartition("_")[2], ", ".join(file(take.take) for take in held.takes)
    return f"{mistake}Listen to {files} in the run folder, then choose one: `voiced runs resume {run} --choose 2`"


def _keep(folder: Path, found: Chosen) -> None:
    with stored(folder):
        replace(folder / PREPARED / _CHOSEN, encode_json(asdict(found)))


def _own(profiles: Profiles, held: Audition, taken: Chosen, wanted: str | None) -> Profile | None:
    """A voice that says of itself that it was made of this very take."""
    origin = f"{held.id}, take {taken.take},"
    found = [one for one in profiles.store.profiles() if one.kind == "clone" and one.origin.startswith(origin)]
    return next((one for one in found if wanted in (None, one.id, *one.aliases)), None)
