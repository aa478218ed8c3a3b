// @ts-check
/** A voice that lies between others of one model: kept, heard, and changed until it is right. */
import { ask } from "./api.js";
import { announce } from "./desk.js";
import { text } from "./fields.js";
import { element, write } from "./page.js";
import { renew } from "./renew.js";
import { Work } from "./work.js";

const LEAST = 2;
// More than four are heard by nobody as more than an average.
const MOST = 4;

export class Mix {
  #form = element("mix", HTMLFormElement);
  #shares = element("shares", HTMLElement);
  #share = element("share", HTMLTemplateElement);
  #work = new Work(this.#form);
  /** The mix that was kept, as long as it is worked on. @type {string | null} */ #kept = null;

  constructor() {
    element("another", HTMLElement).addEventListener("click", () => this.#add()?.querySelector("select")?.focus());
    element("afresh", HTMLElement).addEventListener("click", () => this.#begin());
    this.#shares.addEventListener("input", () => this.#arrange());
    this.#shares.addEventListener("click", ({ target }) => {
      const button = target instanceof Element && target.closest("[data-act=less]");
      if (button) this.#remove(button);
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#keep();
    });
    document.addEventListener("renewed", () => this.#offer());
    this.#begin();
    this.#offer();
  }

  /** The voices that there are now; whether two of them are of one model. */
  #offer() {
    const fresh = select(this.#share.content);
    const enough = [...fresh.querySelectorAll("optgroup")].some((voices) => voices.children.length >= LEAST);
    element("no-mix", HTMLElement).hidden = enough;
    element("parts", HTMLElement).hidden = element("mix-name", HTMLElement).hidden = !enough;
    for (const row of this.#rows) {
      const chosen = select(row).value;
      select(row).replaceChildren(.../** @type {Element} */ (fresh.cloneNode(true)).children);
      select(row).value = chosen;
    }
    this.#arrange();
  }

  #begin() {
    this.#work.clear();
    this.#form.reset();
    this.#shares.replaceChildren();
    this.#kept = null;
    while (this.#rows.length < LEAST) this.#add();
    this.#arrange();
  }

  get #rows() {
    return /** @type {HTMLElement[]} */ ([...this.#shares.children]);
  }

  #add() {
    const taken = this.#rows.map((row) => select(row).value);
    this.#shares.append(this.#share.content.cloneNode(true));
    const row = this.#rows.at(-1);
    if (!row) return null;
    this.#arrange();
    const next = [...select(row).options].find((one) => !taken.includes(one.value) && !one.disabled && !group(one)?.disabled);
    if (next) next.selected = true;
    return row;
  }

  /** @param {Element} button */
  #remove(button) {
    button.closest(".share")?.remove();
    this.#arrange();
    element("another", HTMLElement).focus();
  }

  /** Shares as they are to each other; only voices of the first one's model; two at least and four at most. */
  #arrange() {
    const rows = this.#rows;
    const whole = rows.reduce((sum, row) => sum + slider(row).valueAsNumber, 0);
    const model = rows[0] && group(select(rows[0]).selectedOptions[0])?.label;
    rows.forEach((row, at) => {
      const words = `${Math.round((100 * slider(row).valueAsNumber) / whole)} %`;
      /** @type {HTMLOutputElement} */ (row.querySelector("output")).value = words;
      slider(row).setAttribute("aria-valuetext", words);
      /** @type {HTMLButtonElement} */ (row.querySelector("button")).disabled = rows.length <= LEAST;
      restrict(select(row), at ? model : null, this.#kept);
    });
    element("another", HTMLButtonElement).disabled = rows.length >= MOST;
    element("afresh", HTMLElement).hidden = this.#kept === null;
    write("mix-word", this.#kept === null ? "Keep it" : "Keep the change");
  }

  async #keep() {
    const shares = this.#rows.map((row) => ({ voice: select(row).value, weight: slider(row).valueAsNumber }));
    const asked = { shares, label: text(this.#form, "label"), id: text(this.#form, "id") };
    await this.#work.run("Mixing…", async (signal) => {
      const changed = this.#kept !== null;
      const voice = changed
        ? await ask("PUT", `/api/v1/voices/${this.#kept}`, asked, signal)
        : (await ask("POST", "/api/v1/voices", { kind: "mix", ...asked }, signal)).voice;
      this.#kept = voice.id;
      announce(this.#form, voice, changed ? "Changed:" : "Kept as");
      this.#arrange();
      await renew();
    }, true);
  }
}

/** @param {ParentNode} row */
function select(row) {
  return /** @type {HTMLSelectElement} */ (row.querySelector("select"));
}

/** @param {Element} row */
function slider(row) {
  return /** @type {HTMLInputElement} */ (row.querySelector("input"));
}

/** Its model. @param {HTMLOptionElement | undefined} option */
function group(option) {
  return /** @type {HTMLOptGroupElement | null} */ (option?.parentElement ?? null);
}

/**
 * Only voices of this model can be chosen, where there is one already, and not the mix itself.
 * @param {HTMLSelectElement} voices @param {string | null | undefined} model @param {string | null} mix
 */
function restrict(voices, model, mix) {
  for (const one of voices.querySelectorAll("optgroup")) one.disabled = !!model && one.label !== model;
  for (const one of voices.options) one.disabled = one.value === mix;
  const free = [...voices.options].filter((option) => !option.disabled && !group(option)?.disabled);
  if (free.length && !free.includes(voices.selectedOptions[0])) free[0].selected = true;
}
