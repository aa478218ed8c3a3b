"""Log lines for people and for collectors."""

from __future__ import annotations

import json
import logging

import pytest

from daemon import logs


@pytest.fixture(autouse=True)
def _as_it_was() -> object:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def test_text_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("text", debug=False)
    logging.getLogger("x").info("hello %s", "you")
    logging.getLogger("x").debug("unseen")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "INFO    x: hello you" in captured.err
    assert "unseen" not in captured.err


def test_json_is_one_object_a_line_with_what_was_added(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("json", debug=True)
    try:
        raise RuntimeError("planted")
    except RuntimeError:
        logging.getLogger("x").exception("oh\nno", extra={"request_id": "abc"})
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["level"], told["logger"], told["message"], told["request_id"]) == ("error", "x", "oh\nno", "abc")
    assert "planted" in told["exception"]
