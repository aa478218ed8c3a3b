// @ts-check
/** The shelf of what was said: rows that the server renders, brought up to date without disturbing what plays. */
import { element } from "./page.js";
import { sure } from "./sure.js";

const CLOCK = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export class Runs {
  #list = element("runs", HTMLOListElement);
  #problem;
  /** How often the shelf was asked for, and which of the answers is shown. */
  #asked = 0;
  #shown = 0;
  /** Deleted here: an answer that was on its way still has them. @type {Set<string | undefined>} */ #gone = new Set();

  /** @param {(words: string) => void} problem  told when something cannot be done */
  constructor(problem) {
    this.#problem = problem;
    this.#list.addEventListener("click", ({ target }) => {
      const button = target instanceof Element && target.closest("[data-delete]");
      const row = button && button.closest("li");
      if (row) void this.#delete(row);
    });
    this.#localise(this.#list);
  }

  /** Fetch the newest rows; those that are shown already stay as they are. */
  async refresh() {
    const turn = ++this.#asked;
    const answer = await fetch("/studio/runs", { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (turn < this.#shown) return; // who asked later was answered sooner, and knows more
    this.#shown = turn;
    const shown = new Map(this.#rows(this.#list).map((row) => [row.dataset.run, row]));
    const rows = this.#rows(fresh).filter(({ dataset: { run } }) => !this.#gone.has(run)).map((row) => shown.get(row.dataset.run) ?? document.adoptNode(row));
    rows.forEach((row) => this.#localise(row));
    // Moving an element that plays would stop it: new rows go in front, vanished ones out, the rest is not touched.
    shown.forEach((row) => rows.includes(row) || row.remove());
    rows.reduceRight((/** @type {Element | null} */ next, row) => {
      if (!row.isConnected) this.#list.insertBefore(row, next);
      return row;
    }, null);
  }

  /** @param {ParentNode} within @returns {HTMLLIElement[]} */
  #rows(within) {
    return [...within.querySelectorAll("li")].filter((row) => row.dataset.run);
  }

  /** @param {HTMLLIElement} row */
  async #delete(row) {
    if (!(await sure("Delete this run?", row.querySelector(".said")?.textContent ?? "", "Its audio goes with it, for good."))) return;
    row.classList.add("going");
    try {
      const answer = await fetch(`/api/v1/runs/${encodeURIComponent(row.dataset.run ?? "")}`, { method: "DELETE" });
      if (!answer.ok && answer.status !== 404) throw new Error((await answer.json()).error.message);
      this.#gone.add(row.dataset.run);
      this.#next(row).focus();
      row.remove();
    } catch (error) {
      row.classList.remove("going");
      this.#problem(`The run was not deleted: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** Where the keyboard goes when a row is gone. @param {HTMLLIElement} row @returns {HTMLElement} */
  #next(row) {
    const beside = row.nextElementSibling ?? row.previousElementSibling;
    return beside?.querySelector("[data-delete]") ?? element("runs-title", HTMLElement);
  }

  /** Times as the reader's own clock shows them. @param {ParentNode} within */
  #localise(within) {
    for (const time of within.querySelectorAll("time")) time.textContent = CLOCK.format(new Date(time.dateTime));
  }
}
