"""What is asked of the codec over REST, and what it answers."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from outputs.codes import CODEBOOKS, MAX_FRAMES, MAX_JSON_BYTES, MAX_NPZ_BYTES
from protocol.base64 import SCHEMA, decoded
from protocol.schemas import AudioFormat, Message
from protocol.tasks import Recording

# The largest of both ways in which codes may stand in JSON, and the names around them.
MAX_ASKED_BYTES: Final = max(MAX_JSON_BYTES, MAX_NPZ_BYTES * 11 // 8) + 4096

_CODE: Final = {"type": "integer", "minimum": 0, "maximum": 2**15 - 1}
_FRAME: Final = {"type": "array", "minItems": CODEBOOKS, "maxItems": CODEBOOKS, "items": _CODE}
_FRAMES: Final = {"type": "array", "minItems": 1, "maxItems": MAX_FRAMES, "items": _FRAME}


Model = Annotated[str | None, Field(description="a model's id; the first that can when not given")]


class EncodeAsked(Message):
    """`POST /api/v1/codec/encode`: a recording of 30 s at most, as codes."""

    audio: Recording
    model: Model = None
    format: Annotated[Literal["json", "npz"] | None, Field(description="npz: a file that numpy reads")] = None


class DecodeWish(Message):
    """What the query of `POST /api/v1/codec/decode` may say, beside a body that is the file itself."""

    model: Model = None
    format: AudioFormat = None


class DecodeAsked(DecodeWish):
    """`POST /api/v1/codec/decode`: `codes`, or a file with them."""

    # Looked at by outputs.codes, which tells every mistake with its place and stops in time.
    codes: Annotated[
        Any, WithJsonSchema({"anyOf": [_FRAMES, {"type": "null"}]}), Field(description="16 of each frame of 80 ms")
    ] = None
    npz: Annotated[
        Annotated[bytes, Field(max_length=MAX_NPZ_BYTES), WithJsonSchema(SCHEMA)] | None,
        BeforeValidator(decoded("must be a .npz file in base64")),
        Field(description="or a .npz file in base64, with the array `codes`"),
    ] = None


class Encoded(BaseModel):
    """The codes of a recording."""

    model: str
    frames: int
    codebooks: int
    frame_rate: float
    seconds: float
    codes: list[list[int]]
