// @ts-check
/** What long work is begun with: what is to be made, of what, and how; and what is wrong with it, each at its place. */
import { ask, Refused, send } from "./api.js";
import { Input } from "./input.js";
import { kind, ordered } from "./kinds.js";
import { Options } from "./options.js";
import { element, make, sentence, words, write } from "./page.js";
import { Work } from "./work.js";

/** @typedef {import("./options.js").Pipeline} Pipeline */
/** @typedef {import("./api.js").Detail} Detail */
/** @typedef {{run_id: string, title: string}} Begun */

export class Begin {
  #form = element("begin", HTMLFormElement);
  #kinds = element("kinds", HTMLElement);
  #mistakes = element("mistakes", HTMLElement);
  #earlier = element("earlier", HTMLElement);
  #after = element("after", HTMLInputElement);
  #work = new Work(this.#form);
  #input = new Input();
  #options = new Options();
  /** @type {Pipeline[]} */ #pipelines = [];
  /** The run that it is like. */ #like = "";

  /** @param {(job: Begun) => void} onbegun */
  constructor(onbegun) {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#begin(onbegun);
    });
    this.#kinds.addEventListener("change", () => {
      this.#unlike();
      this.#choose();
    });
    element("afresh", HTMLButtonElement).addEventListener("click", () => this.#afresh());
  }

  /** Ask what can be made here. */
  async open() {
    await this.#work.run("", async (signal) => {
      this.#pipelines = ordered((await ask("GET", "/api/v1/pipelines", null, signal)).pipelines);
      const choices = this.#pipelines.map(({ name }, at) => {
        const radio = Object.assign(make("input"), { type: "radio", name: "kind", value: name, checked: at === 0 });
        return make("label", "kind", radio, make("span", "", kind(name).label));
      });
      this.#kinds.append(...choices);
      this.#choose();
    });
  }

  /** As an earlier run was begun, to be begun again or with changes. Raises Refused. @param {string} run @param {string} title */
  async like(run, title) {
    const files = `/api/v1/runs/${run}/files`;
    const asked = await ask("GET", `${files}/input.json`);
    const blob = await (await send("GET", `${files}/input/${encodeURIComponent(asked.name)}`)).blob();
    const radio = this.#kinds.querySelector(`[value="${CSS.escape(asked.pipeline)}"]`);
    if (radio instanceof HTMLInputElement) radio.checked = true;
    this.#choose();
    this.#options.fill({ ...asked.options, verify: asked.verify, seed: asked.seed });
    await this.#input.take(new File([blob], asked.name));
    this.#like = run;
    this.#after.checked = true;
    this.#earlier.hidden = false;
    /** @type {HTMLElement} */ (this.#after.closest("label")).hidden = Boolean(kind(asked.pipeline).silent);
    write("earlier-title", `As “${title}” was made.`);
    this.#form.scrollIntoView({ block: "start" });
    /** @type {HTMLElement} */ (this.#form.querySelector("input:checked")).focus({ preventScroll: true });
  }

  #choose() {
    const name = this.#chosen;
    const pipeline = this.#pipelines.find((one) => one.name === name);
    if (!pipeline) return;
    write("about", sentence(pipeline.about.charAt(0).toUpperCase() + pipeline.about.slice(1)));
    this.#input.suit(kind(name));
    this.#options.show(pipeline);
    this.#forget();
  }

  get #chosen() {
    return String(new FormData(this.#form).get("kind") ?? "");
  }

  /** @param {(job: Begun) => void} onbegun */
  async #begin(onbegun) {
    /** @type {unknown} */ let wrong = null;
    /** @type {Begun | null} */ let begun = null;
    this.#forget();
    await this.#work.run("It is read and planned…", async (signal) => {
      try {
        const after = this.#like && this.#after.checked ? { after: this.#like } : {};
        const asked = { ...(await this.#input.read()), ...this.#options.read(), ...after };
        begun = await ask("POST", `/api/v1/pipelines/${this.#chosen}`, asked, signal);
      } catch (error) {
        wrong = error;
        throw summed(error);
      }
    }, true);
    if (wrong instanceof Refused) this.#place(wrong.details);
    if (!begun) return;
    this.#afresh();
    onbegun(begun);
  }

  /** Each mistake at its place; the first one gets the keyboard. @param {Detail[]} details */
  #place(details) {
    const fields = details.map((detail) => this.#options.complain(detail.path, detail.message));
    const others = details.filter((_, at) => !fields[at]);
    this.#mistakes.replaceChildren(...(others.length ? [make("ul", "", ...others.map((one) => this.#told(one)))] : []));
    const first = /** @type {HTMLElement | null} */ (this.#mistakes.querySelector("button")) ?? fields.find(Boolean);
    first?.focus();
  }

  /** A mistake of the input; its line can be gone to where it is here. @param {Detail} detail */
  #told({ path, message }) {
    const line = Number(/\bline ([0-9]+)/.exec(path)?.[1] ?? 0);
    if (!line || !this.#input.editable) return make("li", "", ...words(sentence(known(path) + message)));
    const button = make("button", "link", sentence(path).slice(0, -1));
    button.setAttribute("type", "button");
    button.addEventListener("click", () => this.#input.go(line));
    return make("li", "", button, ": ", ...words(sentence(message)));
  }

  #forget() {
    this.#options.clear();
    this.#mistakes.replaceChildren();
  }

  /** Without an earlier run, and without anything that it could be made of. */
  #afresh() {
    this.#unlike();
    this.#input.clear();
    this.#forget();
  }

  #unlike() {
    this.#like = "";
    this.#earlier.hidden = true;
  }
}

/** What stands below the form where the mistakes stand in it. @param {unknown} error */
function summed(error) {
  if (!(error instanceof Refused) || !error.details.length) return error;
  const count = error.details.length;
  return new Refused(count === 1 ? "one thing has to be mended first" : `${count} things have to be mended first`);
}

/** A place that says something to a person: a segment's number does not. @param {string} path */
function known(path) {
  return path && !/^(segments\[|text$|data$)/.test(path) ? `${path}: ` : "";
}
