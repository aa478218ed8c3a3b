// @ts-check
/** A voice from a description: several takes are heard, one of them is kept. */
import { ask } from "./api.js";
import { announce, complain } from "./desk.js";
import { text } from "./fields.js";
import { element } from "./page.js";
import { localise, renew } from "./renew.js";
import { sure } from "./sure.js";
import { Work } from "./work.js";

export class Auditions {
  #form = element("audition", HTMLFormElement);
  #list = element("held", HTMLOListElement);
  #work = new Work(this.#form);
  /** Of the rows. @type {WeakMap<HTMLFormElement, Work>} */ #works = new WeakMap();

  constructor() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#hold();
    });
    this.#list.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.target instanceof HTMLFormElement) void this.#lock(event.target);
    });
    this.#list.addEventListener("click", ({ target }) => {
      const button = target instanceof Element && target.closest("[data-act=forget]");
      if (button) this.#forget(button).catch((error) => complain(button, error));
    });
    localise(this.#list);
  }

  async #hold() {
    const form = this.#form;
    const takes = Number(text(form, "takes"));
    await this.#work.run(takes === 1 ? "One take is spoken…" : `${takes} takes are spoken…`, async (signal) => {
      const asked = { description: text(form, "description"), text: text(form, "text"), language: text(form, "language"), takes };
      await ask("POST", "/api/v1/auditions", asked, signal);
      await renew();
      const newest = this.#list.querySelector("details");
      newest?.setAttribute("open", "");
      newest?.querySelector("summary")?.focus();
    }, true);
  }

  /** @param {HTMLFormElement} form */
  async #lock(form) {
    const work = this.#works.get(form) ?? new Work(form);
    this.#works.set(form, work);
    await work.run("Keeping the take…", async (signal) => {
      const asked = { take: Number(text(form, "take")), label: text(form, "label"), id: text(form, "id") };
      announce(form, await ask("POST", `/api/v1/auditions/${this.#id(form)}/lock`, asked, signal), "Kept as");
      await renew();
    }, true);
  }

  /** @param {Element} button */
  async #forget(button) {
    const what = button.closest("li")?.querySelector(".sketch")?.textContent ?? "";
    if (!(await sure("Delete this audition?", what, "Its takes go with it. Voices that were kept of them stay."))) return;
    await ask("DELETE", `/api/v1/auditions/${this.#id(button)}`);
    await renew();
    (this.#list.querySelector("summary") ?? element("held-title", HTMLElement)).focus();
  }

  /** @param {Element} at */
  #id(at) {
    return at.closest("li")?.dataset.audition;
  }
}
