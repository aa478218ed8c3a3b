// @ts-check
/** What was found in a recording, the worst first. */
import { element, make } from "./page.js";

/** @typedef {{level: "error" | "warning" | "note", message: string, advice: string}} Finding */
/** @typedef {{usable: boolean, findings: Finding[], facts: Record<string, number | null>, heard: string | null}} Report */

const MEANS = { error: "To mend", warning: "Will be heard", note: "Good to know" };

export class Findings {
  #box = element("findings", HTMLElement);

  clear() {
    this.#box.hidden = true;
    this.#box.replaceChildren();
  }

  /** @param {Report} report */
  show({ findings, facts, heard }) {
    const seconds = facts.seconds == null ? "" : ` ${facts.seconds.toFixed(1)} seconds.`;
    const fine = findings.length ? "" : "Nothing is wrong with it.";
    const lead = make("p", "help", `${fine}${seconds}`.trim());
    this.#box.replaceChildren(lead, ...findings.map((finding) => row(finding)));
    if (heard) this.#box.append(make("p", "help", `What was heard in it: “${heard}”`));
    this.#box.hidden = false;
  }
}

/** @param {Finding} finding */
function row({ level, message, advice }) {
  const made = make("p", "finding", make("span", "chip", MEANS[level]), " ", make("b", "", message), " ", advice);
  made.dataset.level = level;
  return made;
}
