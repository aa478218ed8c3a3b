"""Words with their times, as JSON."""

from __future__ import annotations

import json

from daemon.text.cues import Timed, cues
from daemon.text.wordlists import times, words
from daemon.text.wordtimes import Word


def test_every_word_has_its_time_and_tells_whether_it_is_estimated() -> None:
    found = cues([Timed("Do re.", 0, 1000), Timed("“Mi” 中", 2000, 3000)])
    told = json.loads(words(found))
    assert told["times"] == "estimated"
    assert [(one["cue"], one["text"]) for one in told["words"]] == [(1, "Do"), (1, "re."), (2, "“Mi”"), (2, "中")]
    assert told["words"][0] == {"cue": 1, "text": "Do", "start_ms": 0, "end_ms": 500, "estimated": True}
    assert "中" in words(found)


def test_those_that_were_heard_are_aligned() -> None:
    heard = (Word("Do", 10, 400, estimated=False), Word("re", 450, 900, estimated=False))
    assert times(cues([Timed("Do re.", 0, 1000, "", heard)])) == "aligned"
    assert times(cues([Timed("Do re mi fa.", 0, 2000, "", heard)])) == "partly aligned"
    assert json.loads(words([])) == {"times": "estimated", "words": []}
