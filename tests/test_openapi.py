"""Schemathesis reads our OpenAPI document and tries to break what it promises; no check is off."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import pytest

from tests.doors_http import House, Open, house

__all__ = ["house"]

# A text can be well formed and in a language that nobody here speaks: 422, as the contract has it.
CONFIG = '[checks.positive_data_acceptance]\nexpected-statuses = ["2xx", "401", "404", "409", "422", "429"]\n'


@pytest.fixture(autouse=True)
def nobody_is_pulled_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub is one of the network's; port 9 of this machine takes nothing."""
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", "http://127.0.0.1:9")


async def schemathesis(h: House, tmp_path: Path, *options: str, key: str | None = None) -> str:
    config, document = tmp_path / "schemathesis.toml", tmp_path / "openapi.json"
    config.write_text(CONFIG + (f'[auth.openapi.bearer]\nbearer = "{key}"\n' if key else ""))
    async with h.client.get(h.url + "/openapi.json", headers={"X-API-Key": key or "none"}) as response:
        document.write_bytes(await response.read())
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config), "run",
        str(document), "--url", h.url, "--no-color", "--seed=1", *options,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=tmp_path,
    )  # fmt: skip
    output, _ = await process.communicate()
    text = output.decode()
    assert process.returncode == 0, text[-6000:]
    return text


def cases(report: str) -> int:
    found = re.search(r"(\d+) generated, (\d+) passed", report)
    assert found is not None, report[-3000:]
    return int(found[2])


async def test_a_short_attempt(house: Open, tmp_path: Path) -> None:
    h = await house()
    assert cases(await schemathesis(h, tmp_path, "--phases=fuzzing", "--max-examples=18")) >= 150
    await h.idle()


async def test_with_keys_nothing_works_without_one(house: Open, tmp_path: Path) -> None:
    key = "k" * 20
    h = await house(keys={"home": key}, api_keys=tmp_path / "keys")
    options = ("--phases=fuzzing", "--max-examples=2", "--checks=ignored_auth,not_a_server_error")
    assert cases(await schemathesis(h, tmp_path, *options, key=key)) > 20


@pytest.mark.slow
async def test_a_long_attempt(house: Open, tmp_path: Path) -> None:
    h = await house()
    assert cases(await schemathesis(h, tmp_path, "--max-examples=60")) >= 1000
    await h.idle()
