"""The backend that the engine holds: known before it is loaded, and safe to load, use and unload in any order."""

from __future__ import annotations

import os
import subprocess
import sys
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import damage
import pytest
import torch
from checkpoints import Kind, Shelf
from qwen_core import Act, alone, perform

from models.backend import Backend, EngineUnavailable, Frame, Imprinter, Line, StalePrompt
from models.load import Wish, choose
from models.qwen import rows
from models.qwen.backend import Qwen
from models.qwen.config import BadCheckpoint
from models.qwen.linear import independent

TEXT = "Hello there, this is a test."


def line(seed: int = 1, **sampling: Any) -> Line:
    return Line("ryan", "en", seed, sampling={"max_new_tokens": 6, **sampling})


@pytest.fixture
def backend(checkpoint: Shelf) -> Qwen:
    made = Qwen(checkpoint("custom_voice", "small", end=-50.0), "small", slots=3)
    made.load()
    return made


@pytest.mark.parametrize(("kind", "speakers"), [("custom_voice", "eric"), ("voice_design", "designed"), ("base", None)])
def test_facts_are_known_before_loading(checkpoint: Shelf, kind: Kind, speakers: str | None) -> None:
    backend: Backend = Qwen(checkpoint(kind), "house/voice", slots=5)
    facts = backend.facts
    assert (facts.name, facts.model, facts.sample_rate) == ("qwen", "house/voice", 24_000)
    assert (facts.slots, facts.width, facts.live_text) == (5, 5, True)
    names = [speaker.id for speaker in facts.speakers]
    assert names == [] if speakers is None else speakers in names
    assert len(facts.languages) == 10
    assert bool(facts.voiceprint) == (kind != "voice_design")
    backend.leave(0)


def run(program: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environ)


def test_facts_need_no_torch(checkpoint: Shelf) -> None:
    """A daemon that only tells what it could speak takes no 200 MB for it."""
    done = run(
        "import sys; from pathlib import Path; from models.qwen.backend import Qwen;"
        f"print(len(Qwen(Path({str(checkpoint('base'))!r}), 'x').facts.voiceprint), 'torch' in sys.modules)"
    )
    assert done.stdout.split() == ["32", "False"]


@pytest.mark.parametrize("kind", ["custom_voice", "base"])
def test_the_voiceprint_is_that_of_the_prompts(checkpoint: Shelf, kind: Kind) -> None:
    backend = Qwen(checkpoint(kind), "x")
    backend.load()
    assert backend._rows is not None
    assert backend.facts.voiceprint == backend._rows._checkpoint.voiceprint


def test_a_damaged_folder_is_told_when_it_is_loaded_and_not_before(checkpoint: Shelf, tmp_path: Path) -> None:
    folder = damage.copied(checkpoint("base"), tmp_path / "broken")
    damage.drop(folder / "model.safetensors", "speaker_encoder.fc.bias")
    backend = Qwen(folder, "x")
    assert backend.facts.voiceprint == ""
    with pytest.raises(BadCheckpoint, match=r"speaker_encoder\.fc\.bias is missing"):
        backend.load()


def test_voices_are_mixed_measured_and_spoken_with(backend: Qwen) -> None:
    assert isinstance(backend, Imprinter)
    mixed = backend.blend([("ryan", 1), ("sohee", 3)])
    assert backend.blend([("sohee", 6), ("ryan", 2)]) == mixed
    told = backend.embedding(mixed)
    assert len(told) == len(backend.embedding("ryan")) == 64 and all(isinstance(one, float) for one in told)
    backend.unload()
    backend.load()
    spoken = [
        alone(backend, Act(Line("", "en", 1, sampling={"max_new_tokens": 6}, voice_prompt=one), [TEXT])).pcm
        for one in (mixed, backend.blend([(mixed, 1)]), backend.blend([("ryan", 1)]))
    ]
    assert spoken[0] == spoken[1] != spoken[2]
    with pytest.raises(StalePrompt):
        backend.join(0, Line("ryan", "en", 1, voice_prompt=mixed[:-1]))


def test_what_cloning_needs_is_imported_ahead_where_voices_are_cloned(checkpoint: Shelf) -> None:
    for kind, imported in (("base", "True"), ("custom_voice", "False")):
        done = run(
            "import sys; from pathlib import Path; from models.qwen.backend import Qwen;"
            f"Qwen(Path({str(checkpoint(kind))!r}), 'x').prepare();"  # type: ignore[arg-type]
            "print('qwen_tts' in sys.modules)"
        )
        assert done.stdout.split()[-1] == imported, done.stderr


def test_a_tuned_base_warms_up_with_its_speaker(checkpoint: Shelf, tmp_path: Path) -> None:
    folder = damage.copied(checkpoint("base", "small", end=-50.0), tmp_path / "tuned")
    damage.configure(folder, talker_config={"spk_id": {"Grandma": 3}})
    backend = Qwen(folder, "tuned")
    assert [speaker.id for speaker in backend.facts.speakers] == ["grandma"]
    backend.load()
    backend.warm_up()
    rules = {"max_new_tokens": 6}
    named = alone(backend, Act(Line("grandma", "en", 1, sampling=rules), [TEXT])).pcm
    prompt = backend.blend([("grandma", 1)])
    assert alone(backend, Act(Line("", "en", 1, sampling=rules, voice_prompt=prompt), [TEXT])).pcm == named


def test_a_checkpoint_is_refused_when_it_is_chosen(checkpoint: Shelf, tmp_path: Path) -> None:
    folder = damage.copied(checkpoint("custom_voice"), tmp_path / "broken")
    damage.configure(folder, model_type="llama")
    with pytest.raises(BadCheckpoint, match="llama"):
        Qwen(folder, "x")


def test_speaking_and_coming_back(backend: Qwen) -> None:
    first = alone(backend, Act(line(), [TEXT]))
    assert (first.end, len(first.pcm)) == ("length", 5 * 3840)
    backend.unload()
    backend.leave(0)
    backend.unload()
    backend.load()
    assert alone(backend, Act(line(), [TEXT])).pcm == first.pcm


def test_unloading_gives_the_weights_back(backend: Qwen) -> None:
    assert backend._rows is not None
    held = weakref.ref(backend._rows._checkpoint.talker)
    backend.join(0, line())
    backend.feed(0, TEXT)
    backend.step([0])
    parked = backend.park(0)
    backend.unload()
    assert held() is None
    backend.load()
    backend.restore(2, parked)
    backend.end_text(2)
    heard = b""
    while (frame := backend.step([2])[0]).end is None:
        heard += frame.pcm
    expected = alone(backend, Act(line(), [TEXT])).pcm
    assert expected.endswith(heard + frame.pcm)
    backend.leave(2)


def test_warming_up_speaks_to_nobody(backend: Qwen, checkpoint: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    before, step, made = alone(backend, Act(line(), [TEXT])).pcm, backend.step, []

    def watched(slots: Sequence[int]) -> list[Frame]:
        made.extend(step(slots))
        return made[-1:]

    monkeypatch.setattr(backend, "step", watched)
    backend.warm_up()
    monkeypatch.undo()
    assert made[-1].end is not None
    assert sum(len(frame.pcm) for frame in made) >= 2 * 3840
    assert backend._rows is not None
    assert backend._rows._rows == {}
    assert backend._rows._checkpoint.talker.budget.used == 0
    assert alone(backend, Act(line(), [TEXT])).pcm == before
    base = Qwen(checkpoint("base"), "base")
    base.load()
    base.warm_up()


def test_warming_up_asks_for_no_language_that_is_not_there(checkpoint: Shelf, tmp_path: Path) -> None:
    folder = damage.copied(checkpoint("custom_voice"), tmp_path / "german")
    damage.configure(folder, talker_config={"codec_language_id": {"german": 69}, "spk_is_dialect": {}})
    german = Qwen(folder, "german")
    german.load()
    german.warm_up()
    assert german.facts.languages == ("de",)


def test_a_model_of_nan_is_unavailable_and_does_not_warm_up_for_ever(checkpoint: Shelf, tmp_path: Path) -> None:
    folder = damage.copied(checkpoint("custom_voice"), tmp_path / "nan")
    damage.plant(folder / "model.safetensors", "talker.model.norm.weight", at=(3,))
    broken = Qwen(folder, "broken")
    broken.load()
    with pytest.raises(EngineUnavailable, match="broken was loaded, but cannot speak: the model's numbers overflowed"):
        broken.warm_up()
    heard = perform(broken, Act(line(), [TEXT]))[0]
    assert heard.error is not None


@pytest.mark.parametrize("name", ["torch", "tokenizers"])
def test_what_is_not_installed_is_told_with_the_command(checkpoint: Shelf, name: str) -> None:
    done = run(
        f"import sys; sys.modules[{name!r}] = None\n"
        "from pathlib import Path; from models.qwen.backend import Qwen\n"
        f"Qwen(Path({str(checkpoint('custom_voice'))!r}), 'x').load()"
    )
    assert f"EngineUnavailable: the Qwen engine needs the extra `qwen` (import of {name} halted" in done.stderr
    assert done.stderr.rstrip().endswith("pip install 'voiced[qwen]'")


def test_memory_that_runs_out_while_loading_is_told(checkpoint: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = Qwen(checkpoint("custom_voice"), "x")

    def poor(*_: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(rows, "Rows", poor)
    with pytest.raises(EngineUnavailable, match="not enough memory to load x"):
        backend.load()
    monkeypatch.undo()
    backend.load()
    backend.warm_up()


def test_a_small_budget_is_kept(checkpoint: Shelf) -> None:
    backend = Qwen(checkpoint("custom_voice", "small", end=-50.0), "x", cache_bytes=1)
    backend.load()
    (heard,) = perform(backend, Act(line(max_new_tokens=400, non_streaming_mode=True), ["and so on " * 11]))
    assert heard.end == "length"
    assert 10 < len(heard.pcm) // 3840 < 50
    assert backend._rows is not None
    assert backend._rows._checkpoint.talker.budget.used == 0


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "int8"])
def test_exact_rows_are_a_setting(checkpoint: Shelf, tmp_path: Path, dtype: Any) -> None:
    """It costs nothing where rows are independent anyway."""
    os.symlink(checkpoint("custom_voice"), tmp_path / "presets")
    for wished in (True, False):
        backend = choose(Wish(models_dir=tmp_path, dtype=dtype, exact_rows=wished)).backend
        backend.load()
        assert isinstance(backend, Qwen) and backend._rows is not None
        assert backend._rows._checkpoint.frames._one_by_one == (wished and not independent(dtype))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("precision", ["int8", "int4"])
def test_samples_are_the_same_alone_and_in_a_batch_of_eight_at_full_size(precision: Any) -> None:
    """0.6B with made-up weights, on as many threads as there are cores."""
    from models.qwen.synthetic import Synthetic

    threads = torch.get_num_threads()
    torch.set_num_threads(os.cpu_count() or 1)
    backend = Synthetic("0.6b", slots=8, precision=precision)
    backend.load()
    speaker, texts = backend.facts.speakers[0].id, [TEXT, "No.", "One, two, three, four, five.", "x"]
    acts = [
        Act(
            Line(speaker, "en", seed, sampling={"max_new_tokens": 5 + seed // 2, "non_streaming_mode": seed == 3}),
            [texts[seed % 4]],
            joins=seed % 5,
            away=range(4, 7) if seed in (2, 5) else range(0),
        )
        for seed in range(8)
    ]
    expected = [alone(backend, act).pcm for act in acts]
    assert [len(pcm) for pcm in expected] == [3840 * (4 + seed // 2) for seed in range(8)]
    heard = perform(backend, *acts)
    torch.set_num_threads(threads)
    assert [one.pcm == other for one, other in zip(heard, expected, strict=True)] == [True] * 8
