// @ts-check
/** All long work: what is at work, in the order in which it is done, and what has ended, the newest first. */
import { ask } from "./api.js";
import { complain, part } from "./desk.js";
import { kind } from "./kinds.js";
import { element, write } from "./page.js";
import { answer } from "./question.js";
import { Row } from "./row.js";
import { doing, ended, ofJob, ofRun } from "./standing.js";
import { sure } from "./sure.js";

/** @typedef {import("./standing.js").Standing} Standing */

const PAGE = 20;
const LEFT = 100;
const LOST = "voiced does not answer. What is shown is how it stood.";
const GONE = "Its audio goes with it, for good.";
// What is told of a job so soon after a deed may have been on its way already, and tells how it stood before.
const STALE_MS = 2000;

export class Works {
  #desk = element("works", HTMLElement);
  #now = element("now", HTMLOListElement);
  #ended = element("ended", HTMLOListElement);
  #kind = element("of-kind", HTMLSelectElement);
  #state = element("of-state", HTMLSelectElement);
  #older = element("older", HTMLButtonElement);
  /** @type {Map<string, Row>} */ #rows = new Map();
  /** What was told while the lists were asked for. @type {Map<string, Standing>} */ #since = new Map();
  /** @type {Promise<void> | null} */ #asking = null;
  /** When something was last done with a job from here. @type {Map<string, number>} */ #done = new Map();
  #again = false;
  #most = PAGE;

  /** Whoever wants a run again. @type {(run: string, title: string) => Promise<void>} */ onagain = async () => {};

  constructor() {
    for (const task of this.#tasks) this.#kind.add(new Option(kind(task).label, task));
    for (const select of [this.#kind, this.#state]) select.addEventListener("change", () => void this.refresh());
    this.#older.addEventListener("click", () => {
      this.#most += PAGE;
      void this.refresh();
    });
    for (const list of [this.#now, this.#ended]) {
      list.addEventListener("click", ({ target }) => {
        const button = target instanceof Element && target.closest("[data-act]");
        if (button) void this.#try(button, () => this.#do(button));
      });
      list.addEventListener("submit", (event) => {
        event.preventDefault();
        const form = /** @type {HTMLFormElement} */ (event.target);
        void this.#try(form, () => this.#answer(form));
      });
    }
  }

  /** Bring both lists up to date. What is asked for meanwhile is asked for once more, and everybody waits for that. */
  refresh() {
    this.#again = true;
    this.#asking ??= this.#ask();
    return this.#asking;
  }

  /** How a job stands, or stood a moment ago. @param {any} job */
  told(job) {
    if (performance.now() - (this.#done.get(job.run_id) ?? -Infinity) > STALE_MS) this.#stands(job);
    else void this.refresh();
  }

  /** How a job stands now. @param {any} job */
  #stands(job) {
    const standing = ofJob(job);
    this.#since.set(standing.id, standing);
    const row = this.#rows.get(standing.id);
    if (row && !ended(standing) && row.element.parentElement === this.#now && row.standing.state !== "interrupted") row.show(standing);
    else void this.refresh();
    this.#count([...this.#rows.values()].filter(({ element: at }) => at.parentElement === this.#now).map((one) => one.standing));
    if (ended(standing)) this.#say(`${standing.title || kind(standing.pipeline).label}: ${doing(standing)}.`);
  }

  /** Nobody answers. @param {unknown} [error] */
  lost(error) {
    complain(this.#desk, error ?? LOST);
  }

  /** Bring the row of a run in sight, with the keyboard. @param {string} run */
  go(run) {
    const row = this.#rows.get(run)?.element;
    row?.scrollIntoView({ block: "nearest" });
    row?.querySelector("button")?.focus({ preventScroll: true });
  }

  // --- asked for -----------------------------------------------------------------------------------------------------

  get #tasks() {
    return (this.#desk.dataset.tasks ?? "").split(" ");
  }

  async #ask() {
    try {
      while (this.#again) {
        this.#again = false;
        await this.#load();
      }
    } catch (error) {
      this.lost(error);
    } finally {
      this.#asking = null;
    }
  }

  async #load() {
    this.#since.clear();
    const [{ jobs }, left, past] = await Promise.all([
      ask("GET", "/api/v1/jobs"),
      this.#runs(this.#tasks, ["interrupted"], LEFT),
      this.#runs(this.#kind.value ? [this.#kind.value] : this.#tasks, this.#state.value ? [this.#state.value] : ["done", "failed", "cancelled"], this.#most),
    ]);
    const at_work = new Map([...jobs.map(ofJob), ...this.#since.values()].map((one) => [one.id, one]));
    const now = [...left.reverse().filter(({ id }) => !at_work.has(id)), ...[...at_work.values()].filter((one) => !ended(one))];
    const there = new Set(now.map(({ id }) => id));
    complain(this.#desk);
    this.#arrange(now, past.filter(({ id }) => !there.has(id)));
    this.#older.hidden = past.length < this.#most;
  }

  /** @param {string[]} tasks @param {string[]} states @param {number} limit @returns {Promise<Standing[]>} */
  async #runs(tasks, states, limit) {
    const query = new URLSearchParams([...tasks.map((one) => ["task", one]), ...states.map((one) => ["state", one]), ["limit", String(limit)]]);
    return (await ask("GET", `/api/v1/runs?${query}`)).runs.map(ofRun);
  }

  // --- shown ---------------------------------------------------------------------------------------------------------

  /** @param {Standing[]} now @param {Standing[]} past */
  #arrange(now, past) {
    const focused = document.activeElement;
    const at = focused?.closest("[data-run]");
    const wanted = new Set([...now, ...past].map(({ id }) => id));
    for (const [id, row] of this.#rows) {
      if (wanted.has(id)) continue;
      this.#rows.delete(id);
      if (row.element === at) this.#beside(row.element).focus();
      row.element.remove();
    }
    this.#fill(this.#now, now);
    this.#fill(this.#ended, past);
    if (at && at.isConnected && document.activeElement !== focused && !at.contains(document.activeElement)) back(at, focused);
    this.#count(now);
    element("none-now", HTMLElement).hidden = now.length > 0;
    element("none-ended", HTMLElement).hidden = past.length > 0;
    element("which", HTMLElement).hidden = !(past.length || this.#kind.value || this.#state.value);
  }

  /** Moving an element that plays would stop it: what is in its place is not touched. @param {HTMLElement} list @param {Standing[]} standings */
  #fill(list, standings) {
    standings.reduceRight((/** @type {Element | null} */ next, standing) => {
      const row = this.#rows.get(standing.id) ?? new Row(standing);
      this.#rows.set(standing.id, row);
      row.show(standing);
      if (row.element.parentElement !== list || row.element.nextElementSibling !== next) list.insertBefore(row.element, next);
      return row.element;
    }, null);
  }

  /** On a phone the lists are far below the form. @param {Standing[]} now */
  #count(now) {
    const asking = now.filter(({ question }) => question).length;
    const told = [`${now.length} at work`, ...(asking ? [`${asking} ${asking === 1 ? "wants" : "want"} an answer`] : [])];
    element("count", HTMLElement).hidden = !now.length;
    write("count", told.join(", "));
  }

  /** Where the keyboard goes when a row is gone. @param {HTMLElement} row @returns {HTMLElement} */
  #beside(row) {
    const beside = row.nextElementSibling ?? row.previousElementSibling;
    return beside?.querySelector("button") ?? element(row.parentElement === this.#now ? "now-title" : "ended-title", HTMLElement);
  }

  /** @param {string} words */
  #say(words) {
    const status = part(this.#desk, "status");
    if (status) status.textContent = words;
  }

  // --- done ----------------------------------------------------------------------------------------------------------

  /** What goes wrong is told in the row. @param {Element} at @param {() => Promise<void>} deed */
  async #try(at, deed) {
    complain(at);
    try {
      await deed();
    } catch (error) {
      complain(at, error);
    }
  }

  /** @param {Element} button */
  async #do(button) {
    const row = this.#row(button);
    const { id } = row.standing;
    const deed = button.getAttribute("data-act");
    if (deed === "again") return this.onagain(id, row.title);
    if (deed !== "remove") return this.#did(await ask("POST", `/api/v1/runs/${id}/${deed}`));
    if (!(await sure("Remove this work?", row.title, GONE))) return;
    await ask("DELETE", `/api/v1/runs/${id}`);
    await this.refresh();
  }

  /** @param {HTMLFormElement} form */
  async #answer(form) {
    const { id } = this.#row(form).standing;
    this.#did(await ask("POST", `/api/v1/runs/${id}/resume`, { choice: answer(form) }));
  }

  /** How a job stands now that something was done with it. @param {any} job */
  #did(job) {
    this.#done.set(job.run_id, performance.now());
    this.#stands(job);
  }

  /** @param {Element} at */
  #row(at) {
    const id = /** @type {HTMLElement} */ (at.closest("[data-run]")).dataset.run ?? "";
    return /** @type {Row} */ (this.#rows.get(id));
  }
}

/** Bring the keyboard to where it was in a row that was moved. @param {Element} row @param {Element | null} focused */
function back(row, focused) {
  const there = focused instanceof HTMLElement && focused.isConnected ? focused : row.querySelector("button");
  there?.focus();
}
