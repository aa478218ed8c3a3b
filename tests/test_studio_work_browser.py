"""The studio's room for long work in a real Chromium: begun, watched, stopped, answered, heard, and every mistake told."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, Route, expect

from daemon import gate
from daemon.pipelines.plan import Plan, Segment
from daemon.pipelines.table import RECIPES
from daemon.pipelines.tools import NeedsChoice, Tools, Work
from tests import clips, recipes
from tests.folders import FOLDER, SLUG, WEIGHTS
from tests.hub import Hub, hub
from tests.test_studio_browser import CHROMIUM, Open, Studio, chromium, visits
from tests.test_studio_voices_browser import TOO_WIDE, asked, forgive
from tests.tricks import Hang

__all__ = ["chromium", "hub"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (apt install chromium)"),
    pytest.mark.asyncio(loop_scope="module"),
]

DATA: Final = Path(__file__).parent / "data"
BOOK: Final = "One two three.\n\nFour five six.\n\nSeven eight nine.\n"
LONG: Final = "\n\n".join(f"This is the sentence with the number {number}." for number in range(60))


class Auditioning(recipes.Asking):
    """Holds an audition, and speaks with the take that somebody chooses."""

    async def prepare(self, tools: Tools, work: Work, plan: Plan, options: Any) -> Plan:
        (work.folder / "auditions").mkdir(exist_ok=True)
        for take in (1, 2):
            (work.folder / "auditions" / f"{take}.wav").write_bytes(clips.wav(np.zeros(2400, np.float32) + 0.1))
        if work.choice not in ("1", "2"):
            wrong = "" if work.choice is None else f"there is no take {work.choice}. "
            run = work.folder.name
            raise NeedsChoice(
                f"{wrong}Listen to auditions/1.wav, auditions/2.wav in the run folder, then choose one: "
                f"`voiced runs resume {run} --choose 2`"
            )
        return replace(plan, segments=(Segment("0001", f"With take {work.choice}."),))


@pytest.fixture(autouse=True)
def table() -> Iterator[None]:
    with recipes.lines(), recipes.listed(auditioning=Auditioning()):
        yield


@pytest_asyncio.fixture(loop_scope="module")
async def visit(chromium: Browser, tmp_path: Path) -> AsyncIterator[Open]:
    """`studio = await visit(**settings)` in the room for long work; afterwards nothing may have been complained about."""
    async with visits(chromium, tmp_path) as begin:

        async def enter(**options: object) -> Studio:
            studio = await begin(**{"path": "/work", "tone_step_ms": 2, **options})
            await expect(studio.page.locator(".kind")).to_have_count(len(RECIPES))
            return studio

        yield enter


async def choose(page: Page, kind: str) -> None:
    await page.locator(f".kind [value={kind}]").check()


async def work(page: Page, text: str, kind: str = "long_form", **options: str) -> None:
    """Begin it by hand."""
    await choose(page, kind)
    await page.fill("#text", text)
    for name, value in options.items():
        await page.fill(f"[name={name}]", value)
    await page.click("#begin .primary")


def row(studio: Studio, where: str = "now", title: str | None = None) -> Locator:
    """The rows at work, or those that have ended."""
    found = studio.page.locator(f"#{where} .job")
    return found if title is None else found.filter(has=studio.page.locator(".said", has_text=title))


async def ended(studio: Studio, standing: str = "Done") -> Locator:
    """The only row that has ended."""
    one = row(studio, "ended")
    await expect(one).to_have_count(1, timeout=60_000)
    await expect(one.locator(".standing")).to_have_text(standing)
    return one


def segments(studio: Studio, run: str) -> list[Any]:
    """What is told of a run's segments, in the order in which they were spoken."""
    lines = (studio.voiced.runs.find(run).path / "segments.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines if line]


# --- begun and watched ------------------------------------------------------------------------------------------


async def test_a_pasted_book_is_begun_watched_heard_and_fetched(visit: Open) -> None:
    studio = await visit(tone_step_ms=8)
    page = studio.page
    assert await studio.text("nav [aria-current]") == "Work"
    await expect(page.locator("#none-now")).to_be_visible()
    await page.select_option("[name=voice]", "tone-2")
    await page.select_option("[name=audio]", "flac")
    await page.fill("[name=speed]", "1,25")
    await page.fill("[name=loudness]", "")
    await page.click("#more summary")
    await page.fill("[name=seed]", "7")
    await page.uncheck("[name=subtitles]")
    await work(page, LONG)
    await expect(row(studio).locator(".said")).to_have_text("This is the sentence with the number 0")
    await expect(row(studio).locator("[data-act=pause]")).to_be_focused()
    assert await page.input_value("#text") == "", "it is not begun twice by accident"
    await expect(row(studio).locator("[data-part=facts]")).to_have_text(
        re.compile(r"^[1-9]\d* of 60 segments · 0:\d\d of audio · \d+ s left$"), timeout=60_000
    )
    assert 0 < await row(studio).locator("progress").evaluate("(bar) => bar.value") < 1
    await expect(page.locator("#now .job")).to_have_count(0, timeout=60_000)
    done = await ended(studio)
    await expect(page.locator("#works [data-status]")).to_have_text("This is the sentence with the number 0: Done.")
    run = str(await done.get_attribute("data-run"))
    request = studio.voiced.runs.find(run).input
    assert request["options"] == {
        "voice": "tone-2", "audio": "flac", "speed": 1.25, "loudness": None, "subtitles": False
    }  # fmt: skip
    assert (request["seed"], request["verify"]) == (7, 0)
    await done.locator("audio").evaluate("(sound) => sound.play()")
    await expect(done.locator("audio")).not_to_have_js_property("currentTime", 0)
    async with page.expect_download() as waiting:
        await done.locator(".formats a").click()
    assert (await waiting.value).suggested_filename == "audio.flac"
    assert (await (await waiting.value).path()).read_bytes().startswith(b"fLaC")


async def test_what_others_begin_and_end_is_seen(visit: Open) -> None:
    studio = await visit()
    job = await studio.voiced.jobs.start("lines", b"One.\nTwo.\n", "By somebody else", {})
    await expect(row(studio, "ended", "By somebody else")).to_have_count(1)
    await asyncio.to_thread(studio.voiced.runs.remove, job.id)
    await studio.page.reload()
    await expect(studio.page.locator("#none-ended")).to_be_visible()
    await expect(studio.page.locator("#which")).to_be_hidden()


async def test_nobody_is_kept_busy_by_a_page_that_nobody_looks_at(visit: Open) -> None:
    studio = await visit()
    page = studio.page
    look = """(hidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    await page.evaluate(look, True)
    await studio.voiced.jobs.start("asking", b"One.\n", "Unseen", {})
    await page.wait_for_timeout(600)
    await expect(row(studio)).to_have_count(0)
    await page.evaluate(look, False)
    await expect(row(studio)).to_have_count(1)


async def test_a_file_is_chosen_dropped_edited_and_left(visit: Open) -> None:
    studio = await visit()
    page = studio.page
    await page.set_input_files("#file", {"name": "gate.txt", "mimeType": "text/plain", "buffer": b"Halt!\n"})
    await expect(page.locator("#pasted")).to_be_hidden()
    await page.click("#without")
    await expect(page.locator("#text")).to_be_visible()
    await page.click("#begin .primary")
    await expect(page.locator("#begin [data-problem]")).to_have_text(re.compile("choose a file, or paste a text"))
    await page.evaluate(
        """() => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(["Who goes there?"], "gate.txt"));
          const event = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
          document.getElementById("wishes").dispatchEvent(event);
        }"""
    )
    await page.focus("#edit")
    await page.keyboard.press("Enter")
    await expect(page.locator("#text")).to_be_focused()
    await expect(page.locator("#text")).to_have_value("Who goes there?")
    await page.click("#begin .primary")
    run = str(await (await ended(studio)).get_attribute("data-run"))
    assert studio.voiced.runs.find(run).input["name"] == "gate.txt"
    await page.set_input_files("#file", {"name": "x.txt", "mimeType": "text/plain", "buffer": b"\xff\xfe\x00"})
    await expect(page.locator("#without")).to_be_visible()
    await expect(page.locator("#edit")).to_be_hidden()
    await choose(page, "convert")
    await page.click("#without")
    await expect(page.locator("#pasted")).to_be_hidden()
    assert await page.locator("[name=seed], [name=verify]").count() == 0, "nothing is spoken"
    await page.set_input_files(
        "#file", {"name": "hum.wav", "mimeType": "audio/wav", "buffer": clips.wav(np.zeros(4800, np.float32) + 0.1)}
    )
    await page.select_option("[name=audio]", "mp3")
    await page.click("#begin .primary")
    await expect(row(studio, "ended", "hum.wav").locator(".formats")).to_contain_text("hum.mp3")


async def test_every_kind_is_offered_with_its_own_options_and_what_was_chosen_stays(visit: Open) -> None:
    studio = await visit()
    page = studio.page
    for pipeline in (await asked(studio, "GET", "/api/v1/pipelines"))["pipelines"]:
        await choose(page, pipeline["name"])
        if "voice" in pipeline["options"]["properties"] and pipeline["name"] in ("long_form", "script", "subtitles"):
            await page.select_option("[name=voice]", "tone-2")
        about = await studio.text("#about")
        assert about.rstrip(".").casefold() == pipeline["about"].rstrip(".").casefold()
        for option in pipeline["options"]["properties"]:
            field = page.locator(f"#begin [name={option}]")
            await expect(field).to_have_count(1)
            assert await page.locator(f"#option-{option}-help").count() == 1
    await choose(page, "script")
    assert await page.input_value("[name=voice]") == "tone-2"
    await work(page, "ANNA: Who is there?\n", "script", cast='ANNA = tone\nBOB = {"voice": "tone-2"}')
    run = str(await (await ended(studio)).get_attribute("data-run"))
    options: Any = studio.voiced.runs.find(run).input["options"]
    assert options["cast"] == {"ANNA": "tone", "BOB": {"voice": "tone-2"}}


# --- mistakes ---------------------------------------------------------------------------------------------------


async def test_every_mistake_is_told_at_its_place(visit: Open) -> None:
    studio = await visit()
    page = studio.page
    await choose(page, "subtitles")
    await page.fill("#text", (DATA / "subtitles" / "broken.srt").read_text())
    await page.fill("[name=speed]", "nine")
    await page.click("#more summary")
    await page.fill("[name=max_stretch]", "9")
    await page.click("#more summary")
    await page.click("#begin .primary")
    await expect(page.locator("#begin > [data-problem]")).to_have_text("2 things have to be mended first.")
    for name, told in (("speed", "valid number"), ("max_stretch", "less than or equal to 2")):
        field = page.locator(f"[name={name}]")
        await expect(field).to_have_attribute("aria-invalid", "true")
        described = str(await field.get_attribute("aria-describedby")).split()
        await expect(page.locator(f"#{described[0]}")).to_contain_text(told)
        await expect(field).to_be_visible()
    await expect(page.locator("[name=speed]")).to_be_focused()
    assert await studio.violations() == []

    await page.fill("[name=speed]", "")
    await page.fill("[name=max_stretch]", "")
    await page.click("#begin .primary")
    mistakes = page.locator("#mistakes li")
    await expect(mistakes).to_have_count(8)
    await expect(page.locator("#begin [aria-invalid]")).to_have_count(0)
    await expect(mistakes.nth(0)).to_contain_text("Line 6: The arrow between the times is written -->")
    await expect(mistakes.nth(0).locator("button")).to_be_focused()
    assert await studio.violations() == []
    await mistakes.nth(7).locator("button").click()
    selected = "(({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd))"
    assert await page.evaluate(f"{selected}(document.activeElement)") == "00:00:13,000 --> 00:00:13,000"
    await page.fill("#text", "1\n00:00:01,000 --> 00:00:03,500\nThe kettle is on.\n")
    await page.click("#begin .primary")
    await ended(studio)
    await expect(page.locator("#mistakes")).to_be_empty()
    forgive(studio, 422, 422)


async def test_what_is_wrong_with_a_file_is_told_and_its_line_can_be_gone_to(visit: Open) -> None:
    studio = await visit()
    page = studio.page
    await choose(page, "npc_pack")
    table = b"id,text,voice\nhalt,Halt!,tone\npass,,tone\n"
    await page.set_input_files("#file", {"name": "lines.csv", "mimeType": "text/csv", "buffer": table})
    await page.click("#begin .primary")
    await page.locator("#mistakes button").click()
    await expect(page.locator("#text")).to_be_focused()
    await page.keyboard.type("pass,Go on.,nobody")
    await page.click("#begin .primary")
    await expect(page.locator("#mistakes li")).to_have_text(
        re.compile("^Line 3: No voice is called 'nobody'; the voices")
    )
    await page.set_input_files("#file", {"name": "x.epub", "mimeType": "application/epub+zip", "buffer": b"%PDF-1.7"})
    await choose(page, "long_form")
    await page.click("#begin .primary")
    await expect(page.locator("#mistakes li")).to_have_text(re.compile("^This is a PDF"))
    await expect(page.locator("#mistakes button")).to_have_count(0)
    forgive(studio, 422, 422, 422)


async def test_what_people_write_stays_text(visit: Open) -> None:
    studio = await visit()
    rude = "<img src=x onerror=alert(1)>"
    await studio.page.click("#more summary")
    await work(studio.page, BOOK, title=rude)
    await expect((await ended(studio)).locator(".said")).to_have_text(rude)
    await studio.page.click("#ended [data-act=remove]")
    await expect(studio.page.locator("#delete-text")).to_have_text(rude)


# --- stopped and gone on with -----------------------------------------------------------------------------------


async def test_it_rests_goes_on_is_cancelled_and_removed_by_keyboard_alone(visit: Open) -> None:
    studio = await visit(tone_step_ms=30)
    page = studio.page
    await page.focus(".kind input")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowLeft")
    await page.focus("#text")
    await page.keyboard.insert_text(LONG)
    await page.focus("#begin .primary")
    await page.keyboard.press("Enter")
    one = row(studio)
    await expect(one.locator("[data-act=pause]")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(one.locator(".standing")).to_have_text("Rests")
    await expect(one.locator("[data-act=resume]")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(one.locator(".standing")).to_have_text(re.compile("Being spoken"))
    await expect(one.locator("[data-act=pause]")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    gone = await ended(studio, "Cancelled")
    await expect(gone.locator("[data-act=resume]")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#delete")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(gone).to_be_visible()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(row(studio, "ended")).to_have_count(0)
    await expect(page.locator("#ended-title")).to_be_focused()
    assert studio.voiced.runs.list(1) == []


async def test_a_question_that_comes_right_after_another_has_its_own_answer(visit: Open) -> None:
    studio = await visit()
    page = studio.page
    await studio.voiced.jobs.start("lines", b"One.\n", "Twice asked", {})
    await ended(studio)
    await page.click("#ended [data-act=remove]")
    await expect(page.locator("#delete")).to_be_visible()
    await page.evaluate(
        """() => {
          document.getElementById("delete").close();
          document.querySelector("#ended [data-act=remove]").click();
        }"""
    )
    await page.click("#delete [value=delete]")
    await expect(row(studio, "ended")).to_have_count(0)
    assert studio.voiced.runs.list(1) == []


async def test_what_is_begun_while_the_lists_are_on_their_way_gets_the_keyboard(visit: Open) -> None:
    studio = await visit(tone_step_ms=30)
    page = studio.page
    go_on = asyncio.Event()

    async def hold(route: Route) -> None:
        await go_on.wait()
        await route.continue_()

    await page.route("**/api/v1/jobs", hold)
    async with page.expect_request("**/api/v1/jobs"):
        await page.reload()
    await expect(page.locator(".kind")).to_have_count(len(RECIPES))
    await work(page, LONG)
    await expect(page.locator("#text")).to_have_value("")
    go_on.set()
    await expect(row(studio).locator("[data-act=pause]")).to_be_focused()
    await page.unroute_all(behavior="wait")


async def test_what_was_told_before_a_deed_and_comes_after_it_is_not_believed(visit: Open) -> None:
    studio = await visit(tone_step_ms=30)
    page, go_on, stood = studio.page, asyncio.Event(), dict[str, Any]()

    async def late(route: Route) -> None:
        await go_on.wait()
        told = f"retry: 100000\n\nevent: progress\ndata: {json.dumps(stood)}\n\n"
        await route.fulfill(content_type="text/event-stream", body=told)

    await page.route("**/studio/jobs", late)
    await page.reload()
    await expect(page.locator(".kind")).to_have_count(len(RECIPES))
    await work(page, LONG)
    await expect(row(studio).locator("[data-act=pause]")).to_be_focused()
    stood.update((await asked(studio, "GET", "/api/v1/jobs"))["jobs"][0])
    assert stood["state"] in ("waiting", "running")
    await page.evaluate(
        """() => {
          window.stood = [];
          const at = document.querySelector("#now .standing");
          new MutationObserver(() => stood.push(at.textContent)).observe(at, { childList: true });
        }"""
    )
    async with page.expect_response("**/pause"):
        await page.keyboard.press("Enter")
    async with page.expect_response("**/api/v1/jobs"):
        go_on.set()
    await expect(row(studio).locator("[data-act=resume]")).to_be_focused()
    await page.unroute_all(behavior="wait")
    assert await page.evaluate("stood.filter((words, at) => at && words !== 'Rests')") == []


async def test_the_keyboard_stays_at_its_deed_whatever_others_do(visit: Open) -> None:
    studio = await visit(tone_step_ms=30)
    job = await studio.voiced.jobs.start("long_form", LONG.encode(), "Long.txt", {})
    await row(studio).locator("[data-act=cancel]").focus()
    await studio.voiced.jobs.pause(job.id)
    await expect(row(studio).locator(".standing")).to_have_text("Rests")
    await expect(row(studio).locator("[data-act=resume]")).to_be_visible()
    await expect(row(studio).locator("[data-act=cancel]")).to_be_focused()


async def test_others_wait_in_order_and_what_no_longer_fits_is_told_in_its_row(visit: Open) -> None:
    studio = await visit(tone_step_ms=30)
    first = await studio.voiced.jobs.start("long_form", LONG.encode(), "First.txt", {})
    await studio.voiced.jobs.start("long_form", BOOK.encode(), "Second.txt", {})
    await expect(row(studio).nth(1).locator(".standing")).to_have_text("Waits for its turn")
    assert await row(studio).locator(".said").all_inner_texts() == ["First", "Second"]
    await studio.page.route("**/pause", lambda route: route.continue_(url=route.request.url.replace("pause", "resume")))
    await row(studio).nth(0).locator("[data-act=pause]").click()
    await expect(row(studio).nth(0).locator("[data-problem]")).to_contain_text("is at work already")
    assert first.task is not None
    await studio.voiced.jobs.cancel(first.id)
    await expect(row(studio, "ended")).to_have_count(2, timeout=60_000)
    forgive(studio, 409)


async def test_after_a_restart_the_page_is_there_again_and_the_work_goes_on(visit: Open, chromium: Browser) -> None:
    studio = await visit(tone_step_ms=30)
    page, settings = studio.page, studio.voiced.settings
    await work(page, LONG)
    await expect(row(studio).locator("[data-part=facts]")).to_contain_text(re.compile("[1-9] of 60"), timeout=60_000)
    address = page.url.removeprefix("http://").partition("/")[0]
    await studio.stack.aclose()
    await expect(page.locator("#works > [data-problem]")).to_contain_text("Voiced does not answer")
    studio.complaints[:] = [said for said in studio.complaints if "ERR_" not in said]
    async with visits(chromium, settings.data_dir) as begin:
        again = await begin(http=address, path="/voices", tone_step_ms=2)
        await expect(row(studio).locator(".standing")).to_have_text("Was left when voiced stopped", timeout=60_000)
        await expect(page.locator("#works > [data-problem]")).to_be_empty()
        await expect(row(studio).locator("[data-part=facts]")).to_be_empty()
        await row(studio).locator("[data-act=resume]").click()
        await expect(page.locator("#ended .job .standing")).to_have_text("Done", timeout=60_000)
        run = str(await page.locator("#ended .job").get_attribute("data-run"))
        assert len({line["id"] for line in segments(again, run)}) == 60
        studio.complaints[:] = [said for said in studio.complaints if "ERR_" not in said]
        await page.close()


# --- asked and answered -----------------------------------------------------------------------------------------


async def test_the_takes_of_a_question_are_heard_and_one_is_chosen(visit: Open) -> None:
    studio = await visit()
    page = studio.page
    await work(page, "One.\n", "auditioning")
    one = row(studio)
    await expect(one.locator(".standing")).to_have_text("Wants an answer")
    question = one.locator(".question")
    await expect(question.locator("[data-part=asks]")).to_have_text("Listen to the takes, and choose one.")
    await expect(question.locator("audio")).to_have_count(2)
    await expect(page.locator("#count")).to_have_text("1 at work, 1 wants an answer")
    await question.locator("audio").nth(1).evaluate("(sound) => sound.play()")
    await expect(question.locator("audio").nth(1)).not_to_have_js_property("currentTime", 0)
    assert await studio.violations() == []
    await question.get_by_text("Take 2").click()
    await question.locator("button").click()
    run = str(await (await ended(studio)).get_attribute("data-run"))
    plan = json.loads((studio.voiced.runs.find(run).path / "plan.json").read_bytes())
    assert [segment["text"] for segment in plan["segments"]] == ["With take 2."]


async def test_a_question_without_takes_is_answered_in_words(visit: Open) -> None:
    studio = await visit()
    await work(studio.page, "One.\nTwo.\nThree.\n", "asking")
    question = row(studio).locator(".question")
    await expect(question).to_contain_text("from which line on?")
    await question.locator("[name=choice]").fill("2")
    await studio.page.keyboard.press("Enter")
    run = str(await (await ended(studio)).get_attribute("data-run"))
    assert len(segments(studio, run)) == 2


# --- what has become of it --------------------------------------------------------------------------------------


async def test_it_is_made_again_and_only_what_has_changed_is_spoken(visit: Open) -> None:
    studio = await visit()
    page = studio.page
    await page.click("#more summary")
    await page.fill("[name=seed]", "5")
    await page.fill("[name=paragraph_ms]", "900")
    await work(page, BOOK)
    first = str(await (await ended(studio)).get_attribute("data-run"))
    await choose(page, "codec")
    await page.click("#ended [data-act=again]")
    await expect(page.locator("#earlier")).to_be_visible()
    await expect(page.locator("#earlier-title")).to_have_text("As “One two three” was made.")
    await expect(page.locator(".kind :checked")).to_have_value("long_form")
    await expect(page.locator("[name=seed]")).to_have_value("5")
    await expect(page.locator("[name=paragraph_ms]")).to_have_value("900")
    await page.click("#edit")
    await page.fill("#text", BOOK.replace("Four", "Fourteen"))
    await page.click("#begin .primary")
    await expect(row(studio, "ended")).to_have_count(2, timeout=60_000)
    await expect(page.locator("#earlier")).to_be_hidden()
    second = str(await row(studio, "ended").nth(0).get_attribute("data-run"))
    assert [line.get("from") for line in segments(studio, second)].count(first) == 2
    assert studio.voiced.runs.find(second).input["after"] == first

    await row(studio, "ended").nth(1).locator("[data-act=again]").click()
    await expect(page.locator("#earlier")).to_be_visible()
    await choose(page, "script")
    await expect(page.locator("#earlier")).to_be_hidden()
    await row(studio, "ended").nth(1).locator("[data-act=again]").click()
    await expect(page.locator("#earlier")).to_be_visible()
    await page.uncheck("#after")
    await page.click("#begin .primary")
    await expect(row(studio, "ended")).to_have_count(3, timeout=60_000)
    third = str(await row(studio, "ended").nth(0).get_attribute("data-run"))
    one, other = [studio.voiced.runs.find(run).path / "audio.m4b" for run in (first, third)]
    assert one.read_bytes() == other.read_bytes()
    assert [line.get("from") for line in segments(studio, third)] == [None] * 3


async def test_what_the_gate_found_is_told_in_plain_words(visit: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    judge = gate.Gate.judge
    heard: list[str] = []

    async def judged(self: gate.Gate, pcm: bytes, rate: int, text: str, *rest: Any, **more: Any) -> gate.Verdict:
        heard.append(text)
        bad = "Seven" in text or ("Four" in text and heard.count(text) == 1)
        found = await judge(self, pcm, rate, text, *rest, **more)
        told = ("cut-end: it ends in the middle of a sound",) if bad else ()
        return replace(found, good=not bad, score=0.5 if bad else 1.5, reasons=told)

    monkeypatch.setattr(gate.Gate, "judge", judged)
    studio = await visit()
    page = studio.page
    await page.select_option("[name=verify]", "3")
    await work(page, BOOK)
    done = await ended(studio)
    await done.locator("details summary").click()
    findings = done.locator(".findings")
    await expect(findings).to_contain_text("One of 3 segments is not good, and one became good when taken again.")
    rows = findings.locator(".finding")
    await expect(rows.nth(0)).to_have_text("Not good Seven eight nine. It ends in the middle of a sound. 3 takes.")
    await expect(rows.nth(1)).to_have_text("Taken again Four five six. It ends in the middle of a sound. 2 takes.")
    await expect(rows.nth(0).locator("audio")).to_have_attribute("src", re.compile(r"/files/segments/0003\.flac$"))
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert await studio.violations() == [], scheme


async def test_many_files_are_played_and_fetched_by_name(visit: Open) -> None:
    studio = await visit()
    page = studio.page
    rows = "".join(f"line{number},Hi {number}.\n" for number in range(20))
    await work(page, f"id,text\n{rows}", "npc_pack")
    done = await ended(studio)
    await expect(done.locator(".formats a")).to_have_count(12)
    await done.locator(".formats button").click()
    await expect(done.locator(".formats a").nth(12)).to_be_focused()
    await expect(done.locator(".formats")).to_contain_text("manifest.json")
    await done.locator(".player select").select_option(index=3)
    await expect(done.locator("audio")).to_have_attribute("src", re.compile(r"/files/files/.*line3\.wav$"))
    await expect(done.locator("audio")).not_to_have_js_property("currentTime", 0)


async def test_what_has_ended_is_found_by_kind_and_by_how_and_older_ones_are_shown(visit: Open) -> None:
    studio = await visit()
    page = studio.page
    for number in range(23):
        job = await studio.voiced.jobs.start("lines", b"One.\n", f"Number {number}", {})
        assert job.task is not None
        await job.task
    job = await studio.voiced.jobs.start("long_form", LONG.encode(), "Cancelled.txt", {})
    await studio.voiced.jobs.cancel(job.id)
    await page.reload()
    await expect(row(studio, "ended")).to_have_count(20)
    await expect(row(studio, "ended").nth(0).locator(".said")).to_have_text("Cancelled")
    await page.click("#older")
    await expect(row(studio, "ended")).to_have_count(24)
    await expect(page.locator("#older")).to_be_hidden()
    await page.select_option("#of-state", "cancelled")
    await expect(row(studio, "ended")).to_have_count(1)
    await page.select_option("#of-kind", "lines")
    await expect(row(studio, "ended")).to_have_count(0)
    await expect(page.locator("#none-ended")).to_be_visible()
    await page.select_option("#of-state", "")
    await expect(row(studio, "ended")).to_have_count(23)


async def test_why_it_failed_is_told_and_it_can_go_on(visit: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from outputs.recording import StorageFailed

    studio = await visit()

    def fail(*_: object) -> None:
        raise StorageFailed("there is no room left on the disk")

    with monkeypatch.context() as patch:
        patch.setattr(recipes, "assemble", fail)
        await work(studio.page, "One.\n", "lines")
        failed = await ended(studio, "Failed")
    await expect(failed.locator(".mistake")).to_have_text("there is no room left on the disk")
    assert await studio.violations() == []
    await failed.locator("[data-act=resume]").click()
    await ended(studio)


async def test_a_model_that_is_pulled_has_a_bar_and_cannot_be_begun_here(
    visit: Open, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub.address)
    studio = await visit()
    hub.tricks[WEIGHTS] = [Hang(500_000)]
    job = await studio.voiced.pull(SLUG)
    pulled = row(studio, title=FOLDER)
    await expect(pulled.locator(".standing")).to_have_text(re.compile(r"^Fetching \d of 1 MB$"))
    await expect(pulled.locator("progress")).to_have_attribute("value", re.compile(r"0\.\d+|0"))
    await pulled.locator("[data-act=cancel]").click()
    cancelled = await ended(studio, "Cancelled")
    await expect(cancelled.locator("[data-act]")).to_have_text(["Go on", "Remove"])
    hub.go_on.set()
    await cancelled.locator("[data-act=resume]").click()
    done = await ended(studio)
    await expect(done.locator("[data-act]")).to_have_text(["Remove"])
    await expect(done.locator(".formats a")).to_have_text(re.compile("pulled.json"))
    assert job.id in [info.run_id for info in studio.voiced.runs.list(5)]
    assert await studio.violations() == []


# --- seen -------------------------------------------------------------------------------------------------------


async def test_axe_finds_nothing_in_light_and_in_dark(visit: Open) -> None:
    studio = await visit(tone_step_ms=8, browser={"reduced_motion": "reduce"})
    page = studio.page
    await page.click("#more summary")
    await studio.voiced.jobs.start("long_form", BOOK.encode(), "Done.txt", {})
    await ended(studio)
    await studio.voiced.jobs.start("long_form", LONG.encode(), "At work.txt", {})
    await studio.voiced.jobs.start("long_form", LONG.encode(), "Waiting.txt", {})
    await page.click("#ended [data-act=again]")
    await expect(page.locator("#earlier")).to_be_visible()
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        assert await studio.violations() == [], scheme
    await page.click("#ended [data-act=remove]")
    assert await studio.violations() == []


async def test_nothing_is_wider_than_a_small_phone(visit: Open) -> None:
    studio = await visit(browser={"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"})
    page = studio.page
    await studio.voiced.jobs.start("lines", b"One.\n", "W" + "o" * 70 + "w", {})
    await ended(studio)
    await studio.voiced.jobs.start("auditioning", b"One.\n", "x", {})
    await expect(row(studio).locator(".question")).to_be_visible()
    await page.click("#more summary")
    for kind in ("script", "npc_pack", "subtitles", "design_then_clone"):
        await choose(page, kind)
        assert await page.evaluate("document.documentElement.scrollWidth") == 320, kind
        assert await page.evaluate(TOO_WIDE) == [], kind
    await page.click("#ended [data-act=again]")
    await expect(page.locator("#earlier")).to_be_visible()
    assert await page.evaluate(TOO_WIDE) == []
    for path in ("/", "/voices"):
        await page.goto(re.sub(r"/work.*", path, page.url))
        assert await page.evaluate("document.documentElement.scrollWidth") == 320, path
