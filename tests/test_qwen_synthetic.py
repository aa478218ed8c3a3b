"""Made-up weights: the released sizes, speech that has the length it is asked for, and the same in the package."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import package
import pytest
import torch

from models import synthetic
from models.backend import EngineUnavailable, Line
from models.qwen import blueprint, config, linear, measure
from models.qwen.backend import Qwen
from models.qwen.config import StackShape
from models.qwen.synthetic import Numbers, Synthetic
from models.qwen.talker import Talker
from models.qwen.tokens import Tokens
from models.synthetic import LANGUAGE, SPEAKER, TEXT, Job, Precision

END = 2150


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole tiny checkpoint, written as for the package."""
    folder = tmp_path_factory.mktemp("made-up") / "model"
    synthetic.run(Job("tiny", "write", folder=str(folder)))
    return folder


@pytest.mark.parametrize(
    ("size", "talker", "read_gb"),
    [
        ("0.6b", StackShape(28, 1024, 16, 8, 128, 3072, 1e-6, 1e6), 1.655),
        ("1.7b", StackShape(28, 2048, 16, 8, 128, 6144, 1e-6, 1e6), 2.661),
    ],
)
def test_the_released_sizes(tmp_path: Path, size: synthetic.Size, talker: StackShape, read_gb: float) -> None:
    folder = blueprint.write(tmp_path / size, size)
    shape, tokens = config.read(folder), Tokens(folder)
    assert shape.talker == talker
    assert shape.predictor == StackShape(5, 1024, 16, 8, 128, 3072, 1e-6, 1e6)
    assert (shape.text_vocab, shape.text_hidden, shape.vocab, shape.codebook_size) == (151_936, 2048, 3072, 2048)
    assert shape.codec.hop == 1920
    assert shape.ids["codec_eos_token_id"] == END
    assert (tokens.assistant[0], shape.ids["tts_eos_token_id"]) == (151_644, 151_673)
    assert tokens.instruction("")[0] == 151_644
    assert 0 < len(tokens.encode(TEXT)) < len(TEXT)
    # facts of the released models: thousand million weights that a frame reads, of them 15 times the predictor's
    predictor = _weights(shape.predictor) + (shape.talker.hidden != 1024) * 2048 * 1024
    heads = shape.vocab * talker.hidden + 15 * 2048 * 1024
    assert (_weights(shape.talker) + 15 * predictor + heads) / 1e9 == pytest.approx(read_gb, abs=0.005)


def _weights(stack: StackShape) -> int:
    attention = 2 * stack.hidden * stack.head_dim * (stack.heads + stack.kv_heads)
    return stack.layers * (attention + 3 * stack.hidden * stack.intermediate)


def test_numbers_are_the_same_for_the_same_name_and_keep_what_they_multiply_as_large_as_it_was() -> None:
    numbers, again = Numbers(torch.bfloat16, END), Numbers(torch.bfloat16, END)
    name = "talker.model.layers.3.mlp.up_proj.weight"
    weight = numbers.read(name, 3072, 1024)
    assert torch.equal(weight, again.read(name, 3072, 1024))
    assert not torch.equal(weight, numbers.read(name.replace("3", "4"), 3072, 1024))
    out = weight.float() @ torch.randn(1024, generator=torch.Generator().manual_seed(1))
    assert 0.8 < out.std() < 1.2
    large = numbers.read("decoder.decoder.1.block.1.conv.weight", 1536, 768, 16)  # more than the pool holds
    assert large.shape == (1536, 768, 16)
    assert torch.equal(numbers.read("talker.model.norm.weight", 8), torch.ones(8))


def test_a_text_embedding_of_the_released_size_takes_no_memory() -> None:
    words = Numbers(torch.bfloat16, END).read("talker.model.text_embedding.weight", 151_936, 2048)
    assert words.untyped_storage().nbytes() < 1_000_000
    assert not torch.equal(words[151_643], words[151_644])


@pytest.mark.parametrize("precision", get_args(Precision))
def test_speech_has_the_length_that_was_asked_for_and_is_neither_silent_nor_cut(precision: Precision) -> None:
    assert set(get_args(Precision)) < set(get_args(linear.Precision))
    backend = Synthetic("tiny", slots=1, precision=precision)
    backend.load()
    pcm = _spoken(backend, 120)
    assert len(pcm) == 120 * 1920
    assert 0.03 < (pcm / 32768).std() < 0.5
    assert np.abs(pcm).max() < 32767
    backend.unload()


def _spoken(backend: Qwen, frames: int, **sampling: bool) -> np.ndarray:
    backend.join(0, Line(SPEAKER, "en", 1, sampling={"max_new_tokens": frames + 1, **sampling}))
    backend.feed(0, TEXT)
    backend.end_text(0)
    pcm, end = b"", None
    while end is None:
        (frame,) = backend.step([0])
        assert frame.error is None
        pcm, end = pcm + frame.pcm, frame.end
    assert end == "length"
    backend.leave(0)
    return np.frombuffer(pcm, np.int16)


def test_a_take_of_two_streams_is_measured_and_leaves_nothing_behind() -> None:
    backend = Synthetic("tiny", slots=2, precision="int8", codec="bfloat16")
    backend.load()
    hear = Talker.hear
    take = measure.speak(backend, 2, 10)
    assert Talker.hear is hear
    assert (take.streams, take.frames) == (2, 20)
    assert 0 < take.first_audio_s < take.wall_s
    assert all(seconds > 0 for seconds in take.stages_s.values())
    assert sum(take.stages_s.values()) < take.wall_s
    assert take.rss_mb > 50
    assert measure.speak(backend, 1, 5).frames == 5


def test_a_player_stands_still_where_nothing_has_come() -> None:
    player = measure._Player()
    second = bytes(2 * 24_000)
    for pcm, now in ((b"", 0.1), (second, 0.5), (second, 1.4), (second, 2.75), (second, 3.75), (b"", 9.0)):
        player.hear(pcm, now)
    assert player.first_s == 0.5
    assert player.samples == 4 * 24_000
    assert player.underrun_s == pytest.approx(0.25)


def test_the_package_speaks_the_same_weights_the_same_way(folder: Path) -> None:
    greedy = {"do_sample": False, "subtalker_dosample": False, "non_streaming_mode": True}
    asked = {"speaker": SPEAKER, "language": LANGUAGE, "max_new_tokens": 13, **greedy}
    (codes,), (theirs,) = package.codes_of(package.load(folder), "generate_custom_voice", TEXT, **asked)
    assert codes.shape == (12, 16)
    backend = Qwen(folder, "made-up", precision="float32")
    backend.load()
    ours = _spoken(backend, 12, **greedy)
    assert np.abs(ours - np.round(theirs * 32767)).max() <= 2


def test_both_are_measured_on_the_same_files(folder: Path) -> None:
    job = Job("tiny", precision="bfloat16", frames=8, repeats=1, folder=str(folder))
    ours, theirs = synthetic.run(job), synthetic.run(replace(job, task="package"))
    assert [take.frames for take in ours.takes] == [take.frames for take in theirs.takes] == [8]
    (take,) = theirs.takes
    assert take.first_audio_s == take.wall_s
    assert all(seconds > 0 for seconds in take.stages_s.values())
    assert min(ours.load_s, theirs.load_s, ours.rest_mb, theirs.rest_mb) > 0


def test_what_is_not_installed_is_told_with_the_command_that_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthetic, "find_spec", lambda _: None)
    with pytest.raises(EngineUnavailable, match=r"qwen-tts is not installed.*pip install"):
        synthetic.need_package()
    with pytest.raises(EngineUnavailable, match=r"needs torch: pip install 'voiced\[qwen\]'"):
        synthetic.run(Job("tiny"))


def test_a_job_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"measuring tiny int8 .* failed: .*config\.json"):
        synthetic.measure(Job("tiny", folder=str(tmp_path)))
