"""Voice prompts: made once, kept in memory and on the disk."""

from __future__ import annotations

import asyncio
import hashlib
import logging

import pytest

from daemon.core import Voiced
from daemon.imprints import KEPT, MAX_SECONDS
from daemon.utterance import Reference
from models.backend import BadReference, StalePrompt
from outputs.decoder import UnreadableAudio
from tests.kept import RECORDING, Family, Start, models
from tests.test_outputs_decoder import RATE, TONE, wav
from voices.prompts import KEY

__all__ = ["models"]

WORDS = "What is said."


def kept(voiced: Voiced) -> list[str]:
    folder = voiced.store.folder / "prompts"
    return sorted(one.name for one in folder.iterdir() if KEY.fullmatch(one.name)) if folder.is_dir() else []


async def test_it_is_made_once_however_many_ask(start: Start, models: Family) -> None:
    voiced, cloner = await start(), models[2]
    reference = Reference(RECORDING, WORDS)
    made = await asyncio.gather(*(voiced.imprints.of("cloner", reference) for _ in range(5)))
    assert (len(set(made)), len(cloner.imprinted)) == (1, 1)
    digest = hashlib.sha256(RECORDING).hexdigest()
    assert kept(voiced) == [voiced.imprints.name("cloner", digest, WORDS)]


async def test_silence_follows_what_is_gone_on_from(start: Start, models: Family) -> None:
    voiced, cloner = await start(), models[2]
    for transcript in (WORDS, None):
        await voiced.imprints.of("cloner", Reference(RECORDING, transcript))
    assert cloner.imprinted == [(len(TONE) + RATE // 2, RATE, WORDS), (len(TONE), RATE, None)]


async def test_silence_makes_no_recording_too_long(start: Start, models: Family) -> None:
    voiced, cloner = await start(), models[2]
    quiet = TONE[:RATE].repeat(1)
    long = wav(quiet[: RATE // 2].repeat(2 * int(MAX_SECONDS))[: int(MAX_SECONDS * RATE) - RATE // 10])
    await voiced.imprints.of("cloner", Reference(long, WORDS))
    assert cloner.imprinted[0][0] == MAX_SECONDS * RATE
    with pytest.raises(UnreadableAudio):
        await voiced.imprints.of("cloner", Reference(wav(TONE[:100]), WORDS))


async def test_only_the_latest_are_in_memory(start: Start, models: Family) -> None:
    voiced, cloner = await start(), models[2]
    for number in range(KEPT + 1):
        await voiced.imprints.of("cloner", Reference(RECORDING, f"{number}"))
    assert len(voiced.imprints._made) == KEPT
    assert await voiced.imprints.of("cloner", Reference(RECORDING, "0")) == cloner_prompt("0")
    assert len(cloner.imprinted) == KEPT + 1  # it came from the disk


def cloner_prompt(words: str) -> bytes:
    return f"{len(TONE) + RATE // 2} {words}".encode()


async def test_a_damaged_one_is_made_again(start: Start, models: Family) -> None:
    voiced, cloner = await start(), models[2]
    await voiced.imprints.of("cloner", Reference(RECORDING, WORDS))
    (name,) = kept(voiced)
    path = voiced.store.folder / "prompts" / name
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    again = await start()
    assert await again.imprints.of("cloner", Reference(RECORDING, WORDS)) == cloner_prompt(WORDS)
    assert (len(cloner.imprinted), path.read_bytes()) == (2, whole)


async def test_a_disk_that_refuses_keeps_nobody_from_speaking(
    start: Start, models: Family, caplog: pytest.LogCaptureFixture
) -> None:
    voiced, cloner = await start(), models[2]
    voiced.store.folder.mkdir(parents=True)
    (voiced.store.folder / "prompts").write_text("in the way")
    with caplog.at_level(logging.WARNING, logger="daemon.imprints"):
        prompt = await voiced.imprints.of("cloner", Reference(RECORDING, WORDS))
    assert prompt == cloner_prompt(WORDS)
    assert "is not on the disk as it should be" in caplog.text
    await voiced.imprints.of("cloner", Reference(RECORDING, WORDS))
    assert len(cloner.imprinted) == 1
    await voiced.imprints.forget(prompt)
    await voiced.imprints.of("cloner", Reference(RECORDING, WORDS))
    assert len(cloner.imprinted) == 2


async def test_who_gives_up_leaves_the_work_to_who_waits(start: Start, models: Family) -> None:
    voiced, cloner = await start(), models[2]
    reference = Reference(RECORDING, WORDS)
    first, second = (asyncio.create_task(voiced.imprints.of("cloner", reference), name="of") for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await asyncio.wait_for(second, 20) == cloner_prompt(WORDS)
    assert first.cancelled() or first.done()
    assert len(cloner.imprinted) <= 2
    assert not voiced.imprints._making


async def test_a_blend_is_known_by_its_parts(start: Start, models: Family) -> None:
    voiced, tone = await start(), models[0]
    one = await voiced.imprints.blended("tone", [("tone", 1.0), ("tone-2", 3.0)])
    assert await voiced.imprints.blended("tone", [("tone", 1.0), ("tone-2", 3.0)]) == one
    assert await voiced.imprints.blended("tone", [("tone", 2.0), ("tone-2", 3.0)]) != one
    assert len(tone.blended) == 2
    with pytest.raises(BadReference):
        await voiced.imprints.blended("tone", [("nobody", 1.0)])
    assert len(kept(voiced)) == 2


async def test_a_part_that_is_stale_is_forgotten(start: Start, models: Family) -> None:
    voiced, cloner = await start(), models[2]
    part = await voiced.imprints.of("cloner", Reference(RECORDING, None))
    cloner.stale.add(part)
    with pytest.raises(StalePrompt):
        await voiced.imprints.blended("cloner", [(part, 1.0)])
    assert kept(voiced) == []
