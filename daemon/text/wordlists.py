"""When each word of subtitles is said, as JSON with a word on a line; each tells whether its time is estimated."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Literal

from daemon.text.cues import Cue

Times = Literal["estimated", "aligned", "partly aligned"]


def words(cues: Sequence[Cue]) -> str:
    """`{"times": …, "words": [{"cue": 1, "text": …, "start_ms": …, "end_ms": …, "estimated": …}, …]}`."""
    lines = [
        json.dumps({"cue": number, **word._asdict()}, ensure_ascii=False)
        for number, cue in enumerate(cues, 1)
        for word in cue.words
    ]
    return f'{{"times": {json.dumps(times(cues))}, "words": [\n' + ",\n".join(lines) + "\n]}\n"


def times(cues: Iterable[Cue]) -> Times:
    """How the times of all words were found."""
    estimated = {word.estimated for cue in cues for word in cue.words}
    return "estimated" if False not in estimated else "partly aligned" if True in estimated else "aligned"
