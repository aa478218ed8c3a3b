"""The gate from end to end: a real job on the built-in voices, with bad takes planted; those are taken again and no others."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from daemon import core as house
from daemon import settings
from daemon.core import Voiced
from daemon.job import State
from tests.planted import Plant, Planted
from tests.takes import BAD, Sentence, sentences

FIRST: Final = 100
TRIES: Final = 3
Spoil = Callable[[bytes], bytes]

LATER: Final[Spoil] = lambda pcm: pcm[: len(pcm) // 4 * 2] + bytes(5 * 48_000) + pcm[len(pcm) // 4 * 2 :]  # noqa: E731
# Text to what is wrong with its takes, and how the gate calls it; the sound alone tells.
HEARD_BY_ANYBODY: Final[Mapping[str, tuple[Plant, set[str]]]] = {
    "The washing machine has finished.": (Plant(spoil=BAD["silence"]), {"silence"}),
    "The front door is open, and nobody is at home.": (Plant(spoil=BAD["cut-end"]), {"cut-end"}),
    "A quick brown fox jumps over the lazy dog.": (Plant(2, BAD["circle"]), {"too-long", "repetition"}),
    "Die Waschmaschine ist fertig.": (Plant(spoil=BAD["noise"]), {"noise"}),
    "Der Kühlschrank in der Küche meldet eine Störung.": (Plant(end="runaway"), {"runaway"}),
    "La machine à laver a fini.": (Plant(2, BAD["nothing"]), {"silence"}),
    "Le réfrigérateur de la cuisine signale une panne.": (Plant(spoil=BAD["cut-start"]), {"cut-start"}),
    "El verano pasado estuvimos dos semanas cerca del mar.": (Plant(spoil=BAD["doubled"]), {"too-long", "repetition"}),
    "El frigorífico de la cocina avisa de una avería.": (Plant(spoil=LATER), {"silence"}),
    "La porta di casa è aperta e non c'è nessuno.": (Plant(spoil=BAD["fast"]), {"too-short"}),
    "Il frigorifero della cucina segnala un guasto.": (Plant(TRIES, BAD["half silence"]), {"cut-end", "silence"}),
}
# These a recogniser alone can tell: as long as they should be, and well spoken.
HEARD_BY_LISTENING: Final[Mapping[str, tuple[Plant, set[str]]]] = {
    "Your package arrives at seven thirty tomorrow.": (Plant(words="The parcel is at your neighbour's house."), {"words"}),
    "Wir fahren im Sommer mit dem Zug nach Italien und bleiben dort zwei Wochen am Meer.": (
        Plant(2, words="Der Herbst war in diesem Jahr besonders kalt, und die Blätter sind schon früh gefallen."), {"words"},
    ),
    "N'oublie pas de sortir les poubelles avant la nuit.": (
        Plant(words="Les enfants jouent au ballon dans la cour de l'école."), {"words"},
    ),
    "Abrió la ventana para que entrara el aire fresco de la mañana.": (
        Plant(words="Mi hermano compró una bicicleta nueva en la tienda ayer."), {"words"},
    ),
}  # fmt: skip


@asynccontextmanager
async def planted(
    data: Path, plants: Mapping[str, tuple[Plant, set[str]]], patch: pytest.MonkeyPatch, **options: object
) -> AsyncIterator[tuple[Voiced, Planted]]:
    """A house on the built-in voices, which spoil what is planted."""
    choose, made = house.choose, list[Planted]()

    def choose_planted(wish: Any) -> Any:
        choice = choose(wish)
        made.append(Planted(choice.backend, {text: plant for text, (plant, _) in plants.items()}, FIRST))
        return replace(choice, backend=made[0])

    patch.setattr(house, "choose", choose_planted)
    read = settings.read({"engine": "builtin", "data_dir": data, "preload": False, **options}, environ={})
    async with Voiced(read) as core:
        yield core, made[0]


async def verified(core: Voiced, said: list[Sentence]) -> dict[str, Any]:
    """What the report tells of a job that speaks these, by their texts."""
    table = "".join(
        json.dumps({"id": f"r{number}", "text": one.text, "voice": one.voice}) + "\n" for number, one in enumerate(said)
    )
    options = {"loudness": None}
    job = await core.jobs.start("npc_pack", table.encode(), "lines.jsonl", options, FIRST, verify=TRIES)
    async for _ in job.watch():
        pass
    assert job.state is State.DONE, job.error
    report = json.loads((job.ledger.path / "verify.json").read_bytes())
    assert report["not_good"] == [one["id"] for one in report["segments"] if not one["good"]]
    return {one["text"]: one for one in report["segments"]}


def check(told: Mapping[str, Any], plants: Mapping[str, tuple[Plant, set[str]]], core: Planted) -> None:
    """Exactly what was planted was taken again, for the right reason, until a take was good."""
    assert {text for text, one in told.items() if len(one["takes"]) > 1} == plants.keys()
    for text, one in told.items():
        bad = plants[text][0].takes if text in plants else 0
        takes = one["takes"]
        assert [take["good"] for take in takes] == [False] * bad + [True] * (bad < TRIES), (text, takes)
        assert [take["seed"] for take in takes] == [FIRST + number for number in range(len(takes))]
        assert one["good"] == (bad < TRIES)
        assert [take["kept"] for take in takes].count(True) == 1
        assert one["seed"] == next(take["seed"] for take in takes if take["kept"])
        assert bad == TRIES or takes[-1]["kept"], "the good one"
        for take in takes[:bad]:
            assert {reason.split(":")[0] for reason in take["reasons"]} & plants[text][1], (text, take["reasons"])
    for text in plants:
        assert max(take for fed, take in core.spoken if fed == text) == len(told[text]["takes"]) - 1


def plain() -> list[Sentence]:
    """Sentences that are fed as they are written, so that a take of one can be told."""
    said = [one for one in sentences() if not any(sign.isdigit() for sign in one.text) and one.text.count(" ") < 18]
    return [*said, Sentence("heart", "Your package arrives at seven thirty tomorrow.")]


async def test_takes_that_sound_bad_are_taken_again_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with planted(tmp_path, HEARD_BY_ANYBODY, monkeypatch) as (core, model):
        said = [one for one in plain() if one.text in HEARD_BY_ANYBODY or len(one.text) < 30]
        check(await verified(core, said), HEARD_BY_ANYBODY, model)


@pytest.mark.hearing
@pytest.mark.filterwarnings("default")
@pytest.mark.timeout(900)
async def test_takes_with_other_words_are_taken_again_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plants = {**HEARD_BY_ANYBODY, **HEARD_BY_LISTENING}
    async with planted(tmp_path, plants, monkeypatch, recogniser="whisper") as (core, model):
        check(await verified(core, plain()), plants, model)
