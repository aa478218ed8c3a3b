"""Text to token ids, whole or as it is written. What looks like a control token in a text is spoken, never obeyed."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import BPE

from models.qwen.config import BadCheckpoint

# Where the checkpoint's tokenizer may not merge across; as in every Qwen2 tokenizer, which has it in code, not in a file.
_WORDS: Final = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# A word without end is held back and looked at again with every piece: beyond this it is cut.
_LONGEST_WORD: Final = 1000


class Tokens:
    """The text tokenizer of one checkpoint."""

    def __init__(self, folder: Path) -> None:
        """Read `vocab.json`, `merges.txt` and `tokenizer_config.json`. Raises BadCheckpoint."""
        self._words = pre_tokenizers.Split(Regex(_WORDS), "isolated")
        self._tokenizer = _bpe(folder)
        self._tokenizer.normalizer = normalizers.NFC()
        bytewise = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        self._tokenizer.pre_tokenizer = pre_tokenizers.Sequence([self._words, bytewise])
        self._tokenizer.decoder = decoders.ByteLevel()
        start, end = _control(folder)
        newline = self.encode("\n")
        self.assistant: Final = (start, *self.encode("assistant"), *newline)
        """`<|im_start|>assistant`, newline: the role that opens every prompt, and the reference of a clone."""
        self._user: Final = (start, *self.encode("user"), *newline)
        self._end: Final = (end, *newline)
        if len(self.assistant) != 3:
            raise BadCheckpoint(f"{folder}: its vocabulary cuts the word 'assistant', so it is not a Qwen tokenizer")

    def encode(self, text: str) -> list[int]:
        """Ids of a whole text."""
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def pieces(self, text: str) -> list[str]:
        """A whole text as it is cut; a character of several tokens shows as U+FFFD in each."""
        return [self._tokenizer.decode([one], skip_special_tokens=False) for one in self.encode(text)]

    def instruction(self, text: str) -> list[int]:
        """Ids of an instruction or a description of a voice, in its own turn of the conversation."""
        return [*self._user, *self.encode(text), *self._end]

    def words(self, text: str) -> list[tuple[int, int]]:
        """Where the words of a text (normalised to NFC) begin and end; no token reaches across."""
        return [at for _, at in self._words.pre_tokenize_str(text)]


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of text that no token reaches beyond."""

    text: str
    ids: list[int]


class Writing:
    """A text that arrives in pieces, cut anywhere. Its ids are those of the whole text.

    A word is certain when the next one has begun: until then the last one is held back.
    """

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._held = ""

    def write(self, piece: str) -> list[Word]:
        """The words that have become certain."""
        words = self._split(unicodedata.normalize("NFC", self._held + piece))
        certain = max(0, len(words) - 1)
        while certain and _may_join(words[certain - 1], "".join(words[certain:])):
            certain -= 1
        self._held = "".join(words[certain:])
        return [self._word(word) for word in words[:certain]]

    @property
    def held(self) -> str:
        """What is not certain yet."""
        return self._held

    def take(self, letters: int) -> Word:
        """So much of what is held, certain or not: its ids may be others than in the whole text."""
        taken, self._held = self._held[:letters], self._held[letters:]
        return self._word(taken)

    def end(self) -> list[Word]:
        """What was held back."""
        held, self._held = self._held, ""
        return [self._word(word) for word in self._split(held)]

    def _split(self, text: str) -> list[str]:
        words: list[str] = []
        while text:
            for start, end in self._tokens.words(text):
                end = min(end, start + _LONGEST_WORD)
                words.append(text[start:end])
                if end == start + _LONGEST_WORD:
                    break
            text = text[end:]
        return words

    def _word(self, text: str) -> Word:
        return Word(text, self._tokens.encode(text))


def _may_join(word: str, rest: str) -> bool:
    """Whether what comes after `rest` may change where `word` ends: a mark for its last letter, or one more line."""
    joins = all(map(unicodedata.combining, rest)) or (word.isspace() and rest.isspace())
    return joins and len(rest) < _LONGEST_WORD


def _bpe(folder: Path) -> Tokenizer:
    vocabulary, merges = folder / "vocab.json", folder / "merges.txt"
    try:
        return Tokenizer(BPE.from_file(str(vocabulary), str(merges)))
    except Exception as error:  # tokenizers raises nothing narrower
        missing = [path.name for path in (vocabulary, merges) if not path.exists()]
        what = f"{' and '.join(missing)} missing" if missing else str(error)
        raise BadCheckpoint(f"{folder}: the text tokenizer cannot be read: {what}") from error


def _control(folder: Path) -> tuple[int, int]:
    """The ids of `<|im_start|>` and `<|im_end|>`, which lie outside the vocabulary file."""
    file = folder / "tokenizer_config.json"
    try:
        added: dict[str, Any] = json.loads(file.read_text("utf-8"))["added_tokens_decoder"]
        ids = {token["content"]: int(number) for number, token in added.items()}
        return ids["<|im_start|>"], ids["<|im_end|>"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadCheckpoint(f"{file} does not name the tokens <|im_start|> and <|im_end|>: {error}") from error
