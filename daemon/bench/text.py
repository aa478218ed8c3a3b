"""What a text takes on its way to a voice: each step over prose, and over the worst inputs that are known."""

from __future__ import annotations

import gc
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from daemon.bench.figures import Figures
from daemon.text.aloud import Reading
from daemon.text.clean import clean
from daemon.text.lexicon import Lexicon
from daemon.text.placed import clean_traced
from daemon.text.reading import read
from daemon.text.sentences import split, split_placed
from daemon.text.spoken import prepare

MILLION: Final = 1_000_000
# The best of so many counts: what else the machine does makes a figure larger, never smaller.
ROUNDS: Final = 3
PROSE: Final = "The quick brown fox, he said on May 3, 1999, is 5 km away. "
# A date and a measure in every sentence, which is more than people write.
DENSE: Final = {
    "de": "Der schnelle Fuchs, sagte er am 3. Mai 1999, ist 5 km weit weg. ",
    "en": PROSE,
    "es": "El zorro, dijo el 3 de mayo de 1999, está a 5 km de aquí. ",
    "fr": "Le renard, disait-il le 3 mai 1999, est à 5 km de la maison. ",
    "it": "La volpe, disse il 3 maggio 1999, è a 5 km di distanza. ",
    "ja": "彼は1999年5月3日に、その素早い茶色の狐は5km離れていると言った。",
    "ko": "그는 1999년 5월 3일에 그 빠른 갈색 여우가 5km 떨어져 있다고 말했다. ",
    "pt": "A raposa, disse em 3 de maio de 1999, está a 5 km daqui. ",
    "ru": "Быстрая лиса, сказал он 3 мая 1999 года, находится в 5 км отсюда. ",
    "zh": "他在1999年5月3日说，那只敏捷的棕色狐狸离这里有5公里。",
}
# A page of a novel has a figure or two.
_SPARSE: Final = "The kettle is on and the kitchen smells of bread; somebody left the window open. "


@dataclass(frozen=True, slots=True)
class Step:
    """One step, and texts whose repetition it is given."""

    name: str
    work: Callable[[str], object]
    texts: Sequence[str]


def _marked(text: str) -> object:
    return read(text, "on")


def _ssml(text: str) -> object:
    return read(f"<speak>{text}</speak>", "on")


def _aloud(language: str, text: str) -> object:
    return Reading(language, "nobody", Lexicon(()), normalize=True).text(text)


def _dated(text: str) -> str:
    """A hundred of these sentences, each with another date and measure: not all of it may be remembered from the one before."""
    return "".join(re.sub("[0-9]+", partial(_moved, by=n), text) for n in range(100))


def _moved(number: re.Match[str], by: int) -> str:
    """Another year, or another small number that may be a month."""
    return str(int(number[0]) - by if len(number[0]) == 4 else int(number[0]) + by % 8)


_MARKDOWN: Final = "**Hello** _there_, see [docs](https://example.com/x) now.\n- item\n"
STEPS: Final = (
    Step("cleaner", clean, (PROSE, _MARKDOWN, "[", "*a", "h ")),
    Step("traced cleaner", clean_traced, (PROSE, _MARKDOWN, "a\n", "*a", "h ")),
    Step("splitter", split, (PROSE, "z. B. ", "好。")),
    Step("placed splitter", split_placed, (PROSE, "z. B. ", "好。", "é\n")),
    Step("tags", _marked, (PROSE, "[rate 0.9]slow[/rate] [pause 1s]", "[", "[voice a ")),
    Step("ssml", _ssml, (PROSE, "<s>Hello &amp; you.</s> ", "é\n", "é&lt;")),
    Step("aloud, few figures", partial(_aloud, "en"), (_SPARSE * 2 + PROSE,)),
    *(Step(f"aloud, {language}", partial(_aloud, language), (_dated(text),)) for language, text in DENSE.items()),
)


def measure(characters: int = MILLION, rounds: int = ROUNDS) -> Figures:
    """A row a step and text: processor seconds for a million characters, the best of so many rounds."""
    for language in DENSE:
        prepare(language)
    figures = Figures()
    for step in STEPS:
        for text in step.texts:
            figures.rows.append(
                {
                    "name": step.name,
                    "text": repr(text[:24]),
                    "s_per_million": round(best(step.work, text, characters, rounds), 2),
                }
            )
    return figures


def best(work: Callable[[str], object], text: str, characters: int, rounds: int) -> float:
    """Processor seconds for a million characters of this text, repeated."""
    whole = text * max(1, characters // len(text))
    return min(_timed(work, whole) for _ in range(rounds)) * MILLION / len(whole)


def _timed(work: Callable[[str], object], text: str) -> float:
    """Without the collector, as `timeit` does: a whole book's places at once is what nobody holds who reads it as it comes."""
    gc.collect()
    gc.disable()
    try:
        started = time.process_time()
        work(text)
        return time.process_time() - started
    finally:
        gc.enable()
