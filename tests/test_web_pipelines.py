"""Long work over REST."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.doors_http import House, Open, house
from tests.folders import FOLDER, SLUG, WEIGHTS
from tests.hub import Hub, hub
from tests.recipes import lines
from tests.test_web_voices import asked
from tests.tricks import Hang

__all__ = ["house", "hub"]

TEXT = "One.\nTwo two.\nThree three three.\n"


@pytest.fixture(autouse=True)
def table() -> Iterator[None]:
    with lines():
        yield


async def events(h: House, run_id: str) -> list[Any]:
    """All that is told of a run until its end."""
    async with h.client.get(f"{h.url}/api/v1/runs/{run_id}/events") as response:
        assert response.content_type == "text/event-stream"
        body = (await response.read()).decode()
    return [json.loads(line.removeprefix("data: ")) for line in body.splitlines() if line.startswith("data: ")]


async def test_work_is_started_watched_and_fetched(house: Open) -> None:
    h = await house(tone_step_ms=1)
    job = await asked(h, "POST", "/api/v1/pipelines/lines", 202, {"text": TEXT, "name": "../x/My lines.txt", "seed": 4})
    assert (job["pipeline"], job["segments"]) == ("lines", 3)
    told = await events(h, job["run_id"])
    assert told[-1]["state"] == "done"
    assert [one["done"] for one in told] == sorted(one["done"] for one in told)
    run = await h.json(job["links"]["run"])
    assert (run["state"], run["meta"]["title"]) == ("done", "My lines.txt")
    data = await asked(h, "GET", f"{job['links']['run']}/files/all.bin", 200)
    assert data.count(b"fLaC") == 3
    segment = await asked(h, "GET", f"{job['links']['run']}/files/segments/0002.flac", 200)
    assert segment in data
    (again,) = await events(h, job["run_id"])
    assert again["state"] == "done"


async def test_a_run_tells_how_far_it_is_while_it_is_at_work(house: Open) -> None:
    h = await house(tone_step_ms=50)
    job = await asked(h, "POST", "/api/v1/pipelines/lines", 202, {"text": TEXT})
    await asked(h, "POST", f"{job['links']['run']}/pause", 200)
    run = await h.json(job["links"]["run"])
    assert (run["state"], run["job"]["state"], run["job"]["segments"]) == ("running", "paused", 3)
    (listed,) = (await h.json("/api/v1/runs"))["runs"]
    assert listed == run
    await asked(h, "POST", f"{job['links']['run']}/cancel", 200)
    run = await h.json(job["links"]["run"])
    assert (run["state"], run["job"]) == ("cancelled", None)


async def test_data_in_base64_and_what_is_wrong(house: Open) -> None:
    h = await house()
    data = base64.b64encode(TEXT.encode()).decode()
    job = await asked(h, "POST", "/api/v1/pipelines/lines", 202, {"data": data, "options": {"voice": "tone-2"}})
    assert (await events(h, job["run_id"]))[-1]["state"] == "done"
    path = "/api/v1/pipelines/lines"
    for body, status in (
        ({}, 422), ({"text": "x", "data": data}, 422), ({"data": "?"}, 400), ({"text": ""}, 400),
        ({"text": "x", "options": {"colour": "blue"}}, 422), ({"text": "x", "options": {"voice": "nobody"}}, 422),
    ):  # fmt: skip
        await asked(h, "POST", path, status, body)
    assert (await asked(h, "POST", "/api/v1/pipelines/knitting", 404, {"text": "x"}))["error"][
        "code"
    ] == "unknown_pipeline"
    assert len((await h.json("/api/v1/runs"))["runs"]) == 1
    listed = (await h.json("/api/v1/pipelines"))["pipelines"]
    assert next(one for one in listed if one["name"] == "lines")["options"]["properties"].keys() == {"voice"}


async def test_it_rests_goes_on_and_is_cancelled(house: Open) -> None:
    h = await house(tone_step_ms=5)
    job = await asked(h, "POST", "/api/v1/pipelines/lines", 202, {"text": TEXT * 5})
    run = job["links"]["run"]
    assert (await asked(h, "POST", f"{run}/pause", 200))["state"] == "paused"
    assert (await asked(h, "POST", f"{run}/pause", 409))["error"]["code"] == "job_conflict"
    assert (await asked(h, "DELETE", run, 409))["error"]["code"] == "run_busy"
    assert (await asked(h, "POST", f"{run}/resume", 200))["state"] in {"waiting", "running"}
    assert (await asked(h, "POST", f"{run}/cancel", 200))["state"] == "cancelled"
    assert (await events(h, job["run_id"]))[-1]["state"] == "cancelled"
    await asked(h, "POST", f"{run}/resume", 200)
    assert (await events(h, job["run_id"]))[-1]["state"] == "done"
    await asked(h, "DELETE", run, 204)
    for action in ("pause", "cancel", "resume"):
        await asked(h, "POST", f"{run}/{action}", 404)


async def test_what_has_not_ended_is_listed_in_its_order(house: Open) -> None:
    h = await house(tone_step_ms=5)
    first, second = [
        await asked(h, "POST", "/api/v1/pipelines/lines", 202, {"text": TEXT * 5, "name": name})
        for name in ("one.txt", "two.txt")
    ]
    await asked(h, "POST", f"{first['links']['run']}/pause", 200)
    listed = (await h.json("/api/v1/jobs"))["jobs"]
    assert [(one["run_id"], one["title"]) for one in listed] == [
        (first["run_id"], "one.txt"), (second["run_id"], "two.txt")
    ]  # fmt: skip
    assert listed[0]["state"] == "paused"
    await asked(h, "POST", f"{first['links']['run']}/cancel", 200)
    assert [one["run_id"] for one in (await h.json("/api/v1/jobs"))["jobs"]] == [second["run_id"]]
    assert (await events(h, second["run_id"]))[-1]["state"] == "done"
    assert (await h.json("/api/v1/jobs"))["jobs"] == []


async def test_who_stops_watching_stops_nothing(house: Open) -> None:
    h = await house(tone_step_ms=5)
    job = await asked(h, "POST", "/api/v1/pipelines/lines", 202, {"text": TEXT * 9})
    async with aiohttp.ClientSession() as other, other.get(f"{h.url}/api/v1/runs/{job['run_id']}/events") as response:
        await response.content.readany()
    assert (await events(h, job["run_id"]))[-1]["state"] == "done"


async def test_a_run_asks_and_is_answered(house: Open) -> None:
    h = await house(tone_step_ms=1)
    job = await asked(h, "POST", "/api/v1/pipelines/asking", 202, {"text": TEXT})
    path = f"/api/v1/runs/{job['run_id']}"
    async with h.client.get(f"{h.url}{path}/events") as response:
        async for line in response.content:
            told = json.loads(line.removeprefix(b"data: ")) if line.startswith(b"data: ") else {}
            if told.get("question"):
                break
    assert (told["state"], told["phase"]) == ("paused", "choosing")
    assert (await asked(h, "POST", f"{path}/resume", 200, {"choice": "2"}))["question"] == ""
    assert (await events(h, job["run_id"]))[-1]["done"] == 2
    refused = await asked(h, "POST", f"{path}/resume", 409, {"choice": "2"})
    assert "nothing to choose" in refused["error"]["message"]


async def test_a_watcher_hears_something_while_nothing_happens(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.pipelines._QUIET_S", 0.05)
    h = await house()
    job = await asked(h, "POST", "/api/v1/pipelines/asking", 202, {"text": TEXT})
    async with h.client.get(f"{h.url}/api/v1/runs/{job['run_id']}/events") as response:
        async for line in response.content:
            if line == b":\n":
                return


@pytest.fixture
def endpoint(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    monkeypatch.setenv("HF_ENDPOINT", hub.address)
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", hub.address)
    return hub


async def test_a_model_is_pulled_and_listed_as_work_alone(house: Open, endpoint: Hub) -> None:
    h = await house()
    endpoint.tricks[WEIGHTS] = [Hang(1000)]
    job = await asked(h, "POST", f"/api/v1/models/{SLUG}/pull", 202)
    assert (job["pipeline"], job["title"], job["segments"]) == ("pull", FOLDER, 0)
    assert [one["run_id"] for one in (await h.json("/api/v1/jobs"))["jobs"]] == [job["run_id"]]
    for name in (SLUG, FOLDER, f"Qwen/{FOLDER}", f"Qwen%2F{FOLDER}"):
        refused = await asked(h, "POST", f"/api/v1/models/{name}/pull", 409, {"source": "modelscope"})
        assert refused["error"]["code"] == "job_conflict"
    endpoint.go_on.set()
    told = await events(h, job["run_id"])
    assert told[-1]["state"] == "done"
    assert "pull" not in [one["name"] for one in (await h.json("/api/v1/pipelines"))["pipelines"]]
    assert (await asked(h, "POST", "/api/v1/pipelines/pull", 404, {"text": "x"}))["error"]["code"] == "unknown_pipeline"
    run = await h.json(job["links"]["run"])
    assert (run["task"], run["state"], list(run["links"])) == (
        "pull", "done", ["self", "input.json", "meta.json", "pulled.json"],
    )  # fmt: skip


async def test_what_may_be_asked_of_a_pull(house: Open, endpoint: Hub, tmp_path: Path) -> None:
    h = await house()
    path = f"/api/v1/models/{SLUG}/pull"
    for source in (str(tmp_path), "/etc", endpoint.address, "file:///etc", "mirror", "folder", 7, ""):
        refused = await asked(h, "POST", path, 400, {"source": source})
        assert "huggingface" in refused["error"]["message"], "it says what would be right"
    await asked(h, "POST", path, 400, {"revision": ""})
    for name in ("nobody", "..%2F..%2Fetc", "a/b/c", "%2Fetc%2Fpasswd"):
        refused = await asked(h, "POST", f"/api/v1/models/{name}/pull", 404)
        assert refused["error"]["code"] in ("unknown_model", "not_found")
    assert (endpoint.asked, (await h.json("/api/v1/runs"))["runs"]) == ([], [])
    job = await asked(h, "POST", path, 202, {"source": "huggingface", "revision": "v9"})
    (*_, last) = await events(h, job["run_id"])
    assert (last["state"], f"{endpoint.address} has no Qwen/{FOLDER} of revision 'v9'" in last["error"]) == (
        "failed", True,
    )  # fmt: skip
