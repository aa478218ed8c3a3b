// @ts-check
/** How one voice is to be: its name, its id, and how it speaks where a request does not say. */
import { ask } from "./api.js";
import { number, text } from "./fields.js";
import { element, write } from "./page.js";
import { renew } from "./renew.js";
import { Work } from "./work.js";

const NEW_ID = "What programs write; made of the name where it is left open.";
const RENAMED = "What programs write. Renamed, it answers to its old one, too.";
const NAMES = new Intl.DisplayNames(undefined, { type: "language" });

export class Profile {
  #dialog = element("profile", HTMLDialogElement);
  #form = element("profile-form", HTMLFormElement);
  #work = new Work(this.#form);
  /** @type {any} */ #voice = null;
  /** @type {"edit" | "adapt"} */ #deed = "edit";

  constructor() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#keep();
    });
    this.#form.querySelector("[data-close]")?.addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => this.#work.cancel());
  }

  /** Raises Refused. @param {string} id @param {"edit" | "adapt"} deed  adapting makes another voice of it */
  async open(id, deed) {
    const voice = await ask("GET", `/api/v1/voices/${id}`);
    if (this.#dialog.open) return; // the button was pressed twice
    this.#voice = voice;
    this.#deed = deed;
    this.#fill();
    this.#work.clear();
    this.#dialog.showModal();
  }

  #fill() {
    const { id, label, languages, defaults, reference, model } = this.#voice;
    const adapting = this.#deed === "adapt";
    write("profile-title", adapting ? `A manner of ${label}` : `Edit ${label}`);
    const about = `Another voice beside it, which speaks as ${label} (${model}) does, in a manner of its own.`;
    write("profile-about", adapting ? about : "");
    write("profile-id-help", adapting ? NEW_ID : RENAMED);
    element("profile-language", HTMLSelectElement).replaceChildren(
      new Option("As the text is written", ""),
      ...languages.map((/** @type {string} */ tag) => new Option(NAMES.of(tag) ?? tag, tag)),
    );
    this.#set("label", adapting ? "" : label);
    this.#set("id", adapting ? "" : id);
    for (const [name, value] of Object.entries(defaults)) this.#set(`defaults.${name}`, value ?? "");
    this.#set("consent", reference?.consent ?? "");
    element("profile-agreed", HTMLElement).hidden = !reference;
  }

  /** @param {string} name @param {unknown} value */
  #set(name, value) {
    const field = this.#form.elements.namedItem(name);
    if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = String(value);
  }

  async #keep() {
    let id = "";
    const done = await this.#work.run("Keeping it…", async (signal) => {
      ({ id } = await (this.#deed === "adapt" ? this.#make(signal) : this.#change(signal)));
    }, true);
    if (!done) return;
    this.#dialog.close();
    await renew(`voice ${id}`);
  }

  /** @param {AbortSignal} signal */
  #change(signal) {
    const { id, reference } = this.#voice;
    const consent = reference && { consent: text(this.#form, "consent") ?? "" };
    const named = { id: text(this.#form, "id"), label: text(this.#form, "label") };
    return ask("PUT", `/api/v1/voices/${id}`, { ...named, ...consent, defaults: this.#defaults() }, signal);
  }

  /** @param {AbortSignal} signal */
  async #make(signal) {
    const named = { id: text(this.#form, "id"), label: text(this.#form, "label") };
    const made = { kind: "preset", speaker: this.#voice.id, ...named, defaults: this.#defaults() };
    return (await ask("POST", "/api/v1/voices", made, signal)).voice;
  }

  /** What the form says, and what it has no field for as it was. */
  #defaults() {
    const form = this.#form;
    return {
      ...this.#voice.defaults,
      language: text(form, "defaults.language"),
      instruct: text(form, "defaults.instruct"),
      seed: number(form, "defaults.seed"),
      speed: number(form, "defaults.speed"),
      pitch: number(form, "defaults.pitch"),
      gain: number(form, "defaults.gain"),
    };
  }
}
