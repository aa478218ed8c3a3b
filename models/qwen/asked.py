"""What a line asks of a checkpoint: who speaks, in which language and manner, and what the codec has heard before."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final

from models.backend import Line, RowFailed
from models.qwen import voices
from models.qwen.checkpoint import Checkpoint
from models.qwen.codec import CodecState
from models.qwen.languages import LANGUAGES, primary
from models.qwen.prompt import Part, Reference
from models.qwen.sampling import Sampling

# Cloned voices whose reference the codec has heard already; one takes five megabytes, hearing it anew half a second.
_VOICES: Final = 8


@dataclass(frozen=True, slots=True)
class _Voice:
    part: Part
    """Its embedding and reference, and nothing of the line."""
    codec: CodecState


class Asked:
    """Reads lines for one checkpoint. Each method raises RowFailed for what the checkpoint cannot do."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint
        self._voices: OrderedDict[bytes, _Voice] = OrderedDict()

    def part(self, line: Line) -> Part:
        """All of the prompt but its text."""
        language = LANGUAGES.get(primary(line.language))
        if language is not None and language not in self._checkpoint.shape.languages:
            raise RowFailed(f"this checkpoint does not speak {language}")
        return replace(self._who(line), language=language, instruction=self._instruction(line))

    def sampling(self, line: Line) -> Sampling:
        """The checkpoint's defaults and what the line changes in them."""
        try:
            return Sampling.read(self._checkpoint.shape.generation, line.sampling)
        except ValueError as error:
            raise RowFailed(str(error)) from error

    def heard(self, line: Line) -> CodecState:
        """The codec before the first frame: it has heard the reference that a clone goes on from."""
        if line.voice_prompt is None:
            return self._checkpoint.codec.start()
        return self._voice(line.voice_prompt).codec.clone()

    def _who(self, line: Line) -> Part:
        """A voice prompt goes before a name; a designed voice is told by its description."""
        shape = self._checkpoint.shape
        if line.voice_prompt is not None:
            return self._voice(line.voice_prompt).part
        if shape.task == "voice_design":
            return Part()
        if line.speaker in shape.speakers:
            return Part(speaker=line.speaker)
        if shape.speakers:
            raise RowFailed(f"this checkpoint has no speaker {line.speaker!r}")
        raise RowFailed("this checkpoint speaks with cloned voices only, and none was given")

    def _instruction(self, line: Line) -> list[int]:
        """Nothing where the checkpoint was not trained on instructions: the package drops them there as well."""
        shape, text = self._checkpoint.shape, (line.instruct or "").strip()
        untrained = shape.task == "base" or (shape.task == "custom_voice" and shape.small)
        return self._checkpoint.tokens.instruction(text) if text and not untrained else []

    def _voice(self, data: bytes) -> _Voice:
        key = hashlib.blake2b(data).digest()
        if key not in self._voices:
            self._voices[key] = self._read(data)
            if len(self._voices) > _VOICES:
                self._voices.popitem(last=False)
        self._voices.move_to_end(key)
        return self._voices[key]

    def _read(self, data: bytes) -> _Voice:
        checkpoint = self._checkpoint
        prompt = voices.prompt(checkpoint, data)
        codec, reference = checkpoint.codec.start(), None
        if prompt.codes is not None:
            checkpoint.codec.prime(codec, prompt.codes.T)
            reference = Reference(checkpoint.tokens.encode(prompt.text.strip()), prompt.codes)
        return _Voice(Part(embedding=prompt.embedding, reference=reference), codec)
