"""What is asked of pipelines over REST."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from protocol.base64 import field
from protocol.schemas import MAX_NAME, Message, Seed, whole_number

# A book with its pictures; the text of the longest is three megabytes.
MAX_INPUT_BYTES: Final = 50_000_000

Data = Annotated[bytes, *field("must be a file in base64"), Field(max_length=MAX_INPUT_BYTES)]
Tries = Annotated[int, Field(ge=0, le=10), BeforeValidator(whole_number)]


class Work(Message):
    """`POST /api/v1/pipelines/{name}`: the input as `text`, or as `data` in base64."""

    text: Annotated[str | None, Field(max_length=MAX_INPUT_BYTES)] = None
    data: Data | None = None
    name: Annotated[
        str | None, Field(max_length=MAX_NAME, description="of the input file; its ending may tell what it is")
    ] = None
    options: Annotated[
        dict[str, Any], Field(default_factory=dict, description="as `GET /api/v1/pipelines` describes them")
    ]
    seed: Annotated[Seed | None, Field(description="of every segment that names none")] = None
    verify: Annotated[
        Tries, Field(description="takes of a segment there may be until one is good; 0 looks at none")
    ] = 0
    after: Annotated[
        str | None, Field(max_length=MAX_NAME, description="an earlier run: what has not changed is taken over")
    ] = None


class GoOn(Message):
    """`POST /api/v1/runs/{id}/resume`; the body may be left out."""

    choice: Annotated[str | None, Field(max_length=MAX_NAME, description="the answer to the job's `question`")] = None


class Pull(Message):
    """`POST /api/v1/models/{id}/pull`; the body may be left out. Folders and other addresses are for the command line alone."""

    source: Annotated[Literal["huggingface", "modelscope"], Field(description="the hub")] = "huggingface"
    revision: Annotated[
        str | None, Field(min_length=1, max_length=MAX_NAME, description="its newest when not given")
    ] = None
