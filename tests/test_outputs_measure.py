"""The bench's figures of assembling."""

from __future__ import annotations

from pathlib import Path

from outputs import measure


def test_a_minute_is_assembled_and_measured(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(measure, "_FILES", 5)
    book, plain = measure.measure(0.02, folder=tmp_path)
    assert (book.kind, plain.kind) == ("m4b", "wav")
    for figures in (book, plain):
        assert 0.02 <= figures.hours < 0.025
        assert figures.cpu_s > 0
        assert figures.times_real_time > 0
        assert figures.peak_mib > 20
    assert book.file_mib < plain.file_mib / 3
    assert not list(tmp_path.iterdir())
