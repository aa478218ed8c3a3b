"""Voices as embeddings: a checkpoint's own speakers, prompts, and mixes of both."""

from __future__ import annotations

from itertools import permutations

import damage
import pytest
import torch
from checkpoints import Shelf
from qwen_core import loaded

from models.backend import BadReference, RowFailed, StalePrompt
from models.qwen import voices
from models.qwen.checkpoint import Checkpoint
from models.qwen.clone import ClonePrompt


@pytest.fixture(scope="module")
def presets(checkpoint: Shelf) -> Checkpoint:
    return loaded(checkpoint("custom_voice", "small"))


@pytest.fixture(scope="module")
def both(checkpoint: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    """A base model that was given a speaker of its own, as fine-tuning leaves it."""
    folder = damage.copied(checkpoint("base", "small"), tmp_path_factory.mktemp("tuned") / "tuned")
    damage.configure(folder, talker_config={"spk_id": {"Grandma": 3}})
    return loaded(folder)


def clone(model: Checkpoint, seed: int = 0, text: str = "") -> bytes:
    embedding = torch.randn(model.shape.talker.hidden, generator=torch.Generator().manual_seed(seed)) + 0.5
    codes = torch.full((3, 16), 5) if text else None
    return ClonePrompt(embedding, codes, text, model.voiceprint).to_bytes()


def test_a_speaker_s_embedding_is_its_row(presets: Checkpoint) -> None:
    row = presets.prompts.first[presets.shape.speakers["ryan"]].float()
    assert torch.equal(voices.embedding(presets, "ryan"), row)
    assert not torch.equal(voices.embedding(presets, "sohee"), row)
    with pytest.raises(BadReference, match="no speaker 'bob'; it has aiden, dylan"):
        voices.embedding(presets, "bob")


def test_one_alone_is_itself(presets: Checkpoint, both: Checkpoint) -> None:
    for model, voice in ((presets, "ryan"), (both, "grandma"), (both, clone(both)), (both, clone(both, 1, "said"))):
        mixed = voices.blend(model, [(voice, 0.2)])
        assert torch.equal(mixed.embedding, voices.embedding(model, voice))
        assert (mixed.codes, mixed.text, mixed.model) == (None, "", model.voiceprint)
        assert voices.prompt(model, mixed.to_bytes()).embedding.equal(mixed.embedding)


def test_the_order_of_the_parts_does_not_matter(both: Checkpoint) -> None:
    parts: list[tuple[str | bytes, float]] = [
        ("grandma", 0.3),
        (clone(both), 0.3),
        (clone(both, 1), 2.0),
        ("grandma", 1),
    ]
    made = {voices.blend(both, list(order)).to_bytes() for order in permutations(parts)}
    assert len(made) == 1


def test_a_mix_lies_where_the_weights_say(presets: Checkpoint) -> None:
    def angle(one: torch.Tensor, other: torch.Tensor) -> float:
        return float(torch.cosine_similarity(one.double(), other.double(), 0).acos())

    ryan, sohee = voices.embedding(presets, "ryan"), voices.embedding(presets, "sohee")
    mixed = voices.blend(presets, [("ryan", 30), ("sohee", 10)]).embedding
    assert mixed.dtype == torch.float32
    assert angle(mixed, ryan) == pytest.approx(angle(ryan, sohee) / 4, abs=1e-4)
    assert angle(mixed, sohee) == pytest.approx(angle(ryan, sohee) * 3 / 4, abs=1e-4)
    assert float(mixed.norm()) == pytest.approx(float(0.75 * ryan.norm() + 0.25 * sohee.norm()), rel=1e-5)


@pytest.mark.parametrize("weights", [[], [0.0], [1.0, -1.0], [float("nan"), 1.0], [float("inf"), 1.0]])
def test_weights_are_above_zero(presets: Checkpoint, weights: list[float]) -> None:
    with pytest.raises(BadReference, match="above zero"):
        voices.blend(presets, [("ryan", weight) for weight in weights])


def test_opposite_voices_have_nothing_between_them(both: Checkpoint) -> None:
    voice = ClonePrompt.from_bytes(clone(both))
    other = ClonePrompt(-voice.embedding, None, "", both.voiceprint).to_bytes()
    with pytest.raises(BadReference, match=r"cannot be mixed: .* opposite"):
        voices.blend(both, [(clone(both), 1), (other, 1)])


def test_prompts_of_other_models_are_stale(presets: Checkpoint, both: Checkpoint, checkpoint: Shelf) -> None:
    for data in (clone(both), clone(both)[:-1], b""):
        with pytest.raises(StalePrompt):
            voices.blend(presets, [("ryan", 1), (data, 1)])
        with pytest.raises(StalePrompt):
            voices.embedding(presets, data)
    design = loaded(checkpoint("voice_design"))
    with pytest.raises(RowFailed, match="takes no voice prompts") as raised:
        voices.embedding(design, clone(both))
    assert not isinstance(raised.value, StalePrompt)


def test_a_tuned_model_shares_the_print_of_its_ears(both: Checkpoint, checkpoint: Shelf) -> None:
    assert both.voiceprint == loaded(checkpoint("base", "small")).voiceprint
