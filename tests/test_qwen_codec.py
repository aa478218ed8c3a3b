"""The codec, frame by frame, is the package's decoder over the whole take; and nobody's samples depend on anybody else."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from typing import Any

import package
import pytest
import torch
from checkpoints import Shelf

from models.qwen import config
from models.qwen.codec import Codec, CodecState
from models.qwen.config import BadCheckpoint, CodecShape, StackShape
from models.qwen.native.library import why_not
from models.qwen.weights import opened

HOP = 1920
FULL = CodecShape(
    stack=StackShape(layers=8, hidden=512, heads=16, kv_heads=16, head_dim=64, intermediate=1024, eps=1e-5, theta=1e4),
    window=72, codebook_size=2048, codebook_dim=512, latent=1024, channels=1536, upsample=(2, 2), blocks=(8, 5, 4, 3),
)  # fmt: skip


class Made:
    """Random weights of any shape, the same for the same name."""

    def read(self, name: str, *shape: int) -> torch.Tensor:
        source = torch.Generator().manual_seed(sum(name.encode()))
        if name.endswith(("cluster_usage", "norm.weight", "layernorm.weight")):
            return torch.ones(shape)
        fan = 1.0 if len(shape) < 2 else float(shape[0] if ".block.1." in name else math.prod(shape[1:]))
        scale = 0.1 if len(shape) == 1 else fan**-0.5
        return torch.randn(shape, generator=source) * scale


class Broken:
    """Weights whose one tensor is another's."""

    def __init__(self, tensors: dict[str, torch.Tensor]) -> None:
        self._tensors = tensors

    def read(self, name: str, *shape: int) -> torch.Tensor:
        found = self._tensors.get(name)
        if found is None or tuple(found.shape) != shape:
            raise BadCheckpoint(f"{name} is not {list(shape)}")
        return found


def codes_of(frames: int, *, seed: int, size: int = 64, rows: int = 1) -> torch.Tensor:
    return torch.randint(0, size, (rows, 16, frames), generator=torch.Generator().manual_seed(seed))


def decoded(codec: Codec, codes: torch.Tensor, *chunks: int, states: Sequence[CodecState] = ()) -> torch.Tensor:
    """codes [B, 16, T] in chunks of these lengths, again and again."""
    states, waves, at, turn = states or [codec.start() for _ in codes], [], 0, 0
    while at < codes.shape[2]:
        step = chunks[turn % len(chunks)]
        waves.append(codec.decode(states, codes[:, :, at : at + step]))
        at, turn = at + step, turn + 1
    return torch.cat(waves, dim=1)


def ratio(expected: torch.Tensor, got: torch.Tensor) -> float:
    """Signal to distortion in dB."""
    wrong = (expected - got).double().square().sum().item()
    return math.inf if not wrong else 10 * math.log10(expected.double().square().sum().item() / wrong)


@pytest.fixture(scope="module", params=["native", "torch"])
def way(request: pytest.FixtureRequest) -> Iterator[str]:
    """How convolutions are computed."""
    if request.param == "native" and why_not():
        pytest.skip(why_not() or "")
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "torch":
            patch.setattr("models.qwen.codec.why_not", lambda: "torch is asked for")
        yield request.param


@pytest.fixture(scope="module", params=["nano", "small"])
def both(request: pytest.FixtureRequest, checkpoint: Shelf, way: str) -> tuple[Codec, Any]:
    """Ours, and the package's decoder."""
    folder = checkpoint("base", request.param)
    with opened(folder / "speech_tokenizer") as weights:
        ours = Codec(config.read(folder).codec, weights)
    modeling = package.part("core.tokenizer_12hz.modeling_qwen3_tts_tokenizer_v2")
    with package.quiet():
        return ours, modeling.Qwen3TTSTokenizerV2Model.from_pretrained(folder / "speech_tokenizer").decoder.eval()


@pytest.fixture(scope="module")
def codec(checkpoint: Shelf, way: str) -> Codec:
    folder = checkpoint("base")
    with opened(folder / "speech_tokenizer") as weights:
        return Codec(config.read(folder).codec, weights)


def test_any_chunking_is_the_package_s_whole_take(both: tuple[Codec, Any]) -> None:
    ours, theirs = both
    codes = codes_of(400, seed=1)
    with package.quiet(), torch.inference_mode():
        expected = theirs(codes)[:, 0]
    assert 0.05 < expected.std() < 0.5
    for chunk in (1, 4, 12, 400) if theirs.config.sliding_window == 72 else (12, 400):
        got = decoded(ours, codes, chunk)
        assert got.shape == (1, 400 * HOP)
        assert got.dtype == torch.float32
        assert ratio(expected, got) > 90, chunk
        # And what little differs is not at the edges of chunks.
        power = (expected - got)[0, : 400 // chunk * chunk * HOP].double().square().view(-1, chunk * HOP)
        assert power[:, :64].mean() < 2 * power.mean(), chunk


@pytest.mark.parametrize("heard", [1, 5, 30, 150])
def test_a_reference_is_heard_and_not_spoken(both: tuple[Codec, Any], heard: int) -> None:
    ours, theirs = both
    codes = codes_of(heard + 24, seed=2)
    with package.quiet(), torch.inference_mode():
        expected = theirs(codes)[:, 0, heard * HOP :]
    for chunk in (1, 4, 12):
        state = ours.start()
        ours.prime(state, codes[0, :, :heard])
        assert ratio(expected, decoded(ours, codes[:, :, heard:], chunk, states=[state])) > 90
    # To the last bit what decoding it leaves behind, and it may come after speech.
    spoken, primed = ours.start(), ours.start()
    ours.decode([spoken], codes[:, :, :heard])
    ours.decode([primed], codes[:, :, : heard // 2])
    ours.prime(primed, codes[0, :, heard // 2 : heard])
    assert primed.position == spoken.position == heard
    assert torch.equal(primed.tails, spoken.tails)
    assert torch.equal(primed.ring, spoken.ring)


def test_no_sample_depends_on_the_chunks(codec: Codec) -> None:
    codes = codes_of(100, seed=3)
    whole = decoded(codec, codes, 100)
    for chunks in ((1,), (2,), (3,), (4,), (8,), (12,), (1, 2, 4, 8), (5, 1, 33)):
        assert torch.equal(decoded(codec, codes, *chunks), whole), chunks


def test_rows_come_and_go_and_change_nobody(codec: Codec) -> None:
    codes = codes_of(90, seed=4, rows=5)
    alone = [decoded(codec, codes[row : row + 1], 4) for row in range(5)]
    states = [codec.start() for _ in codes]
    waves: list[list[torch.Tensor]] = [[] for _ in codes]
    draw = random.Random(4)
    while unfinished := [row for row, state in enumerate(states) if state.position < 90]:
        rows = draw.sample(unfinished, draw.randint(1, len(unfinished)))
        step = min(draw.choice((1, 2, 4, 8)), *(90 - states[row].position for row in rows), 8)
        at = [states[row].position for row in rows]
        piece = torch.stack([codes[row, :, start : start + step] for row, start in zip(rows, at, strict=True)])
        for row, wave in zip(rows, codec.decode([states[row] for row in rows], piece), strict=True):
            waves[row].append(wave)
    for row in range(5):
        assert torch.equal(torch.cat(waves[row]), alone[row][0])


def test_a_state_is_parked_copied_and_taken_up_again(codec: Codec) -> None:
    codes = codes_of(40, seed=5)
    whole = decoded(codec, codes, 4)
    state = codec.start()
    decoded(codec, codes[:, :, :20], 4, states=[state])
    parked = state.clone()
    decoded(codec, codes_of(30, seed=6), 5, states=[state])  # somebody else's future
    decoded(codec, codes_of(9, seed=7, rows=3), 3)
    assert torch.equal(decoded(codec, codes[:, :, 20:], 8, states=[parked]), whole[:, 20 * HOP :])
    assert parked.nbytes == parked.tails.nbytes + parked.ring.nbytes


def test_neighbours_hear_nothing_of_a_poisoned_row(codec: Codec) -> None:
    codes = codes_of(24, seed=8, rows=3)
    expected = decoded(codec, codes[1:2], 4)
    states = [codec.start() for _ in codes]
    states[0].ring.fill_(torch.nan)
    states[0].tails.fill_(torch.nan)
    got = decoded(codec, codes, 4, states=states)
    assert got[0].isnan().any()
    assert torch.equal(got[1:2], expected)


def test_nothing_asked_for_is_nothing_made(codec: Codec) -> None:
    state = codec.start()
    assert codec.decode([state], codes_of(0, seed=0)).shape == (1, 0)
    assert codec.decode([], codes_of(3, seed=0)[:0]).shape == (0, 3 * HOP)
    codec.prime(state, codes_of(0, seed=0)[0])
    assert state.position == 0


def test_a_code_that_is_in_no_codebook_moves_nothing(codec: Codec) -> None:
    state = codec.start()
    for bad in (64, -1):
        with pytest.raises(IndexError, match="64"):
            codec.decode([state], torch.full((1, 16, 2), bad))
    assert state.position == 0
    assert not state.tails.any()


def test_callers_may_be_in_inference_mode_or_not(codec: Codec) -> None:
    codes = codes_of(12, seed=9)
    expected = decoded(codec, codes, 12)
    with torch.inference_mode():
        state = codec.start()
        first = codec.decode([state], codes[:, :, :6])
    assert torch.equal(torch.cat([first, codec.decode([state], codes[:, :, 6:])], dim=1), expected)


def test_bfloat16_is_finite_and_near(checkpoint: Shelf, codec: Codec) -> None:
    folder = checkpoint("base")
    with opened(folder / "speech_tokenizer") as weights:
        ours = Codec(config.read(folder).codec, weights, dtype=torch.bfloat16)
    codes = codes_of(60, seed=10)
    got = decoded(ours, codes, 1, 4)
    assert got.dtype == torch.float32
    assert got.isfinite().all()
    assert ratio(decoded(codec, codes, 4), got) > 10


def test_fewer_heads_for_keys_than_for_queries() -> None:
    """Not what is released, but what a config may say: as many keys, each head's written out."""
    few = CodecShape(StackShape(1, 16, 4, 2, 8, 32, 1e-5, 1e4), 9, 64, 16, 16, 32, (2, 2), (8, 5, 4, 3))
    many = CodecShape(StackShape(1, 16, 4, 4, 8, 32, 1e-5, 1e4), 9, 64, 16, 16, 32, (2, 2), (8, 5, 4, 3))

    class Repeated(Made):
        def read(self, name: str, *shape: int) -> torch.Tensor:
            if name.endswith(("k_proj.weight", "v_proj.weight")):
                return super().read(name, 16, 16).view(2, 8, 16).repeat_interleave(2, dim=0).view(32, 16)
            return super().read(name, *shape)

    codes = codes_of(20, seed=11)
    torch.testing.assert_close(decoded(Codec(few, Made()), codes, 4), decoded(Codec(many, Repeated()), codes, 4))


def test_a_tensor_missing_or_misshapen_is_named(checkpoint: Shelf) -> None:
    folder = checkpoint("base")
    shape = config.read(folder).codec
    read: dict[str, torch.Tensor] = {}

    class Noting:
        def read(self, name: str, *sizes: int) -> torch.Tensor:
            read[name] = weights.read(name, *sizes)
            return read[name]

    with opened(folder / "speech_tokenizer") as weights:
        Codec(shape, Noting())
        stored = {name for name in weights._at if name.startswith("decoder.")}
        # Everything stored is used, but for the projections that only an encoder needs.
        assert stored - set(read) == {
            f"decoder.quantizer.{part}.input_proj.weight" for part in ("rvq_first", "rvq_rest")
        }
        for name in random.Random(12).sample(sorted(read), 12):
            for other in ({key: value for key, value in read.items() if key != name}, read | {name: torch.ones(3)}):
                with pytest.raises(BadCheckpoint, match=name.replace(".", r"\.")):
                    Codec(shape, Broken(other))


@pytest.mark.slow
@pytest.mark.timeout(900)  # half a minute on two cores that nobody else wants
def test_at_full_size_no_sample_depends_on_chunks_or_neighbours() -> None:
    codec = Codec(FULL, Made())
    codes = codes_of(24, seed=13, size=2048, rows=3)
    alone = [decoded(codec, codes[row : row + 1], 24) for row in range(3)]
    assert alone[0].isfinite().all()
    assert alone[0].std() > 0.01
    for chunks in ((1,), (2,), (3,), (4,), (8,), (12,), (1, 2, 4, 8)):
        assert torch.equal(decoded(codec, codes[:1], *chunks), alone[0]), chunks
    for chunks in ((1,), (4,), (8,)):
        together = decoded(codec, codes, *chunks)
        for row in range(3):
            assert torch.equal(together[row : row + 1], alone[row]), chunks
    state, old = codec.start(), codec.start()
    codec.prime(old, codes_of(90, seed=14, size=2048)[0])
    codec.prime(state, codes[0, :, :13])
    beside = decoded(codec, codes[:2, :, 13:], 4, states=[state, old])
    assert torch.equal(beside[:1], alone[0][:, 13 * HOP :])
