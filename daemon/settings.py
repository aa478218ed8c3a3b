"""Every setting, read once from file, environment and options, frozen, and passed down."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

import platformdirs
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from daemon.utterance import Door
from voices.files.addresses import hosts

PREFIX: Final = "VOICED_"
# Said by variables of ours that are no settings: where the settings lie, and the key that `voiced say` shows the daemon.
_NO_SETTINGS: Final = frozenset({"config", "api_key", "native"})
# How an option, a variable or a TOML file says that there is none: no limit, no name, no entry.
NONE: Final = "none"


class SettingsMistake(Exception):
    """The settings cannot be used; the text names every problem and what would be right."""


def _split(value: object) -> object:
    """Lists are written with commas where only one string fits; `none` is the empty one."""
    written = [value] if isinstance(value, str) else value
    if not isinstance(written, list) or not all(isinstance(part, str) for part in written):
        return value
    return [part.strip() for parts in written for part in parts.split(",") if part.strip() not in ("", NONE)]


def _at_home(path: Path) -> Path:
    """`~` is nobody's but ours to read: only shells know it otherwise."""
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ValueError(str(error)) from error


def _hosts(entries: tuple[str, ...]) -> tuple[str, ...]:
    hosts(entries)
    return entries


def _data_dir() -> Path:
    return platformdirs.user_data_path("voiced")


Words = Annotated[tuple[str, ...], BeforeValidator(_split)]
Doors = Annotated[tuple[Door, ...], BeforeValidator(_split)]
Hosts = Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_hosts)]
HomePath = Annotated[Path, AfterValidator(_at_home)]


class Settings(BaseModel):
    """One frozen object. Each field is an option, a key of the TOML file and an environment variable."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    data_dir: HomePath = Field(default_factory=_data_dir, description="where models, voices and runs lie")
    wyoming: Words = Field(
        ("tcp://127.0.0.1:10200",),
        description="where Home Assistant connects: tcp://HOST:PORT, unix://PATH or stdio://",
    )
    http: str = Field("127.0.0.1:10201", description="HOST:PORT of HTTP and the studio; `none` turns it off")
    model: str | None = Field(
        None, description="the model to speak with: its name or folder; the best one found when not given"
    )
    engine: Literal["auto", "qwen", "builtin", "tone"] = Field("auto", description="what speaks")
    device: Literal["auto", "cuda", "cpu"] = Field("auto", description="where the Qwen engine computes")
    dtype: Literal["auto", "float16", "bfloat16", "float32", "int8", "int4"] = Field(
        "auto", description="precision of the Qwen engine"
    )
    codec_dtype: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="precision of the Qwen engine's codec; bfloat16 is faster, and not as exact as float32"
    )
    exact_rows: bool = Field(
        False,
        description="the same samples beside any other listeners in float32 and bfloat16, too; slower for several at once",
    )
    model_cache: int = Field(
        1, ge=1, le=64, description="models kept in memory at once; one more takes the place of the longest unused"
    )
    cache_mb: int = Field(
        1024, ge=64, description="megabytes in which a model remembers what it is speaking; a text past it ends there"
    )
    slots: int | None = Field(
        None, ge=1, le=256, description="requests spoken at once; the engine's own number by default"
    )
    voice: str | None = Field(None, description="the voice when none is asked for; by language when not given")
    speaker: str | None = Field(None, description="the voice within a voice, as Wyoming names it; rarely needed")
    language: str = Field("en", description="the language when neither request, voice nor text tells")
    idle_unload: float | None = Field(None, gt=0, description="seconds without work after which the model is unloaded")
    preload: bool = Field(True, description="load and warm the model before Ready")
    zeroconf: str | None = Field(None, description="announce Wyoming on the network under this name; `auto` picks one")
    api_keys: HomePath | None = Field(None, description="file of `name key` lines that guard HTTP and WebSocket")
    log_format: Literal["text", "json"] = Field("text", description="how log lines are written")
    debug: bool = Field(False, description="log everything, texts included")
    streaming: bool = Field(True, description="offer Wyoming's streaming events")
    samples_per_chunk: int = Field(1024, ge=64, le=24_000, description="samples in one Wyoming audio chunk")
    queue: int = Field(64, ge=0, le=10_000, description="requests that may wait; one more is told `full` at once")
    deadline: float = Field(30.0, gt=0, description="seconds until the first audio must be there")
    max_text: int = Field(
        100_000, ge=1, description="characters in one request: about two hours; longer work is a pipeline"
    )
    sentence_gap: int = Field(120, ge=0, le=5000, description="milliseconds of silence between sentences")
    normalize: Literal["off", "auto", "on"] = Field(
        "auto", description="numbers, dates and units in words: auto does it for the built-in voice alone"
    )
    markup: Literal["off", "auto", "on", "strict"] = Field(
        "auto", description="tags in texts: auto obeys known ones, on drops unknown ones, strict refuses them"
    )
    flush: float = Field(
        0.35, gt=0, description="seconds a writer may pause before a finished sentence is spoken anyway"
    )
    keep_runs: Doors = Field(
        ("rest", "websocket", "studio"),
        description="doors whose speech is kept as run folders: rest openai websocket studio say wyoming python",
    )
    runs_max_days: float | None = Field(30.0, gt=0, description="days a run is kept; `none` keeps it for ever")
    runs_max_mb: float | None = Field(
        2000.0, gt=0, description="megabytes that all runs may take together; `none` is no limit"
    )
    upload_mb: float = Field(
        200.0,
        gt=0,
        description="megabytes that one uploaded file may have: ten minutes of 48 kHz stereo in 24 bits are 173",
    )
    files_max_days: float | None = Field(
        30.0, gt=0, description="days an uploaded file is kept that nobody uses; `none` keeps it for ever"
    )
    files_max_mb: float | None = Field(
        1000.0, gt=0, description="megabytes that all uploaded files may take together; `none` is no limit"
    )
    reference_dirs: Words = Field(
        (), description="folders of this machine from which recordings are read by path; none by default"
    )
    fetch_hosts: Hosts = Field(
        (), description="hosts from which recordings are fetched by URL: HOST, HOST:PORT or *.HOST; none by default"
    )
    fetch_private: bool = Field(
        False, description="fetch from this machine and this network, too, where a host is one of it"
    )
    recogniser: str | None = Field(
        None,
        pattern=r"^(whisper(:.+)?|https?://.+)$",
        description="who hears what is said in a recording: whisper, whisper:FOLDER or the URL http(s)://HOST:PORT/v1 of an"
        " OpenAI-compatible service, with #MODEL where it wants one named; nobody by default",
    )
    jobs: int = Field(1, ge=1, le=16, description="pipelines that are worked on at once; the others wait in order")
    resume_jobs: bool = Field(False, description="go on at the start with pipelines that were interrupted")
    drain: float = Field(10.0, ge=0, description="seconds that open streams get to finish when the daemon is stopped")
    tone_step_ms: float = Field(
        0.0, ge=0, description="what one step of the tone engine costs, for tests and benchmarks"
    )

    @model_validator(mode="before")
    @classmethod
    def _none(cls, given: dict[str, object]) -> dict[str, object]:
        """`none` where a setting may be without a value."""
        optional = {name for name, field in cls.model_fields.items() if type(None) in get_args(field.annotation)}
        return {key: None if value == NONE and key in optional else value for key, value in given.items()}


def _config(environ: Mapping[str, str], homes: list[Path]) -> Path | None:
    """The file named in the environment, else `voiced.toml` in systemd's or the user's configuration folder."""
    if named := environ.get(PREFIX + "CONFIG"):
        return Path(named)
    folders = [*map(Path, filter(None, environ.get("CONFIGURATION_DIRECTORY", "").split(":"))), *homes]
    return next((folder / "voiced.toml" for folder in folders if (folder / "voiced.toml").is_file()), None)


def _file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        with path.expanduser().open("rb") as file:
            return tomllib.load(file)
    except (OSError, RuntimeError) as error:
        raise SettingsMistake(f"cannot read the config file {path}: {getattr(error, 'strerror', error)}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsMistake(f"{path} is not TOML: {error}") from error


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """An empty variable is one that is not set: unit files and compose files cannot say it otherwise."""
    ours = {name.removeprefix(PREFIX).lower(): value for name, value in environ.items() if name.startswith(PREFIX)}
    return {key: value for key, value in ours.items() if value.strip() and key not in _NO_SETTINGS}


def read(
    options: Mapping[str, object] | None = None, *, config: Path | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """Options win over environment, environment over file. Raises SettingsMistake with all problems at once."""
    homes = [] if environ is not None else [platformdirs.user_config_path("voiced")]
    environ = os.environ if environ is None else environ
    config = config or _config(environ, homes)
    given = {key: value for key, value in (options or {}).items() if value is not None}
    merged = {**_file(config), **_environment(environ), **given}
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        raise SettingsMistake(_explain(error)) from error


def _explain(error: ValidationError) -> str:
    lines, unknown = [], False
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            unknown = True
            lines.append(f"unknown setting {key!r}")
        else:
            lines.append(f"{key}: {problem['msg']}, not {problem['input']!r}")
    if unknown:
        lines.append("known settings: " + " ".join(sorted(Settings.model_fields)))
    return "\n".join(lines)
