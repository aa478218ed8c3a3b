// @ts-check
/** A piece of long work as its row shows it. */
import { kind } from "./kinds.js";
import { element, make } from "./page.js";
import { Question } from "./question.js";
import { result } from "./result.js";
import { doing, ended, far, share } from "./standing.js";

/** @typedef {import("./standing.js").Standing} Standing */

const CLOCK = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
/** @type {Record<string, string>} */
const WORDS = { pause: "Pause", resume: "Go on", cancel: "Cancel", again: "Again", remove: "Remove" };
/** @type {Record<Standing["state"], string[]>} */
const DEEDS = {
  waiting: ["pause", "cancel"], running: ["pause", "cancel"], paused: ["resume", "cancel"],
  interrupted: ["resume", "again", "remove"], done: ["again", "remove"],
  failed: ["resume", "again", "remove"], cancelled: ["resume", "again", "remove"],
};

export class Row {
  element = /** @type {HTMLElement} */ (/** @type {Element} */ (element("row", HTMLTemplateElement).content.firstElementChild).cloneNode(true));
  /** @type {Standing} */ standing;
  /** What its lower part was made of. */ #made = "";

  /** @param {Standing} standing */
  constructor(standing) {
    this.element.dataset.run = standing.id;
    this.standing = standing;
    this.show(standing);
  }

  /** @param {Standing} standing */
  show(standing) {
    this.standing = standing;
    const { state, question, error } = standing;
    this.element.dataset.state = question ? "asking" : state;
    this.#put("title", this.title);
    this.#put("standing", doing(standing));
    this.#put("kind", kind(standing.pipeline).label);
    this.#put("facts", far(standing).join(" · "));
    this.#time();
    this.#bar();
    this.#deeds();
    const made = JSON.stringify([ended(standing) && state, question, error]);
    if (made === this.#made) return;
    this.#made = made;
    this.#part("result").replaceChildren(...this.#lower());
  }

  /** What a person calls it. */
  get title() {
    return this.standing.title || kind(this.standing.pipeline).label;
  }

  #lower() {
    const { question, error } = this.standing;
    if (question) return [new Question(this.standing).element];
    if (error) return [make("p", "mistake", error)];
    return this.standing.state === "done" ? result(this.standing) : [];
  }

  #time() {
    const time = /** @type {HTMLTimeElement} */ (this.#part("when"));
    const { created } = this.standing;
    time.hidden = !created;
    if (!created || time.dateTime === created) return;
    time.dateTime = created;
    time.textContent = CLOCK.format(new Date(created));
  }

  #bar() {
    const bar = /** @type {HTMLProgressElement} */ (this.#part("bar"));
    const at = share(this.standing);
    bar.hidden = ended(this.standing) || this.standing.state === "interrupted" || this.standing.question !== "";
    bar.setAttribute("aria-label", `How far: ${this.title}`);
    if (at === null && this.standing.state === "running") bar.removeAttribute("value");
    else bar.value = at ?? 0;
  }

  /** The keyboard stays at the deed where it was, or goes to what took the place. */
  #deeds() {
    const { state, question, pipeline } = this.standing;
    const idle = [...(question ? ["resume"] : []), ...(kind(pipeline).chore ? ["again"] : [])];
    const wanted = DEEDS[state].filter((deed) => !idle.includes(deed));
    const at = this.#part("deeds");
    const key = [pipeline, this.title, ...wanted].join(" ");
    if (at.dataset.key === key) return;
    at.dataset.key = key;
    const focused = at.contains(document.activeElement) ? document.activeElement?.getAttribute("data-act") : null;
    at.replaceChildren(...wanted.map((deed) => this.#button(deed)));
    if (focused) /** @type {HTMLElement | null} */ (at.querySelector(`[data-act="${focused}"]`) ?? at.querySelector("button"))?.focus();
  }

  /** @param {string} deed */
  #button(deed) {
    const made = make("button", "link", WORDS[deed]);
    made.setAttribute("type", "button");
    made.setAttribute("aria-label", `${WORDS[deed]}: ${this.title}`);
    made.dataset.act = deed;
    return made;
  }

  /** @param {string} name @param {string} text */
  #put(name, text) {
    const at = this.#part(name);
    if (at.textContent !== text) at.textContent = text;
  }

  /** @param {string} name @returns {HTMLElement} */
  #part(name) {
    return /** @type {HTMLElement} */ (this.element.querySelector(`[data-part="${name}"]`));
  }
}
