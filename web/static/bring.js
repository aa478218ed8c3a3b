// @ts-check
/** A voice from another house: a file that was exported there. */
import { ask } from "./api.js";
import { announce } from "./desk.js";
import { text } from "./fields.js";
import { element } from "./page.js";
import { renew } from "./renew.js";
import { Work } from "./work.js";

export class Bring {
  #form = element("bring", HTMLFormElement);
  #work = new Work(this.#form);

  constructor() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#take();
    });
  }

  async #take() {
    const file = element("bundle", HTMLInputElement).files?.[0];
    const id = text(this.#form, "id");
    const query = id ? `?${new URLSearchParams({ id })}` : "";
    await this.#work.run("Taking it in…", async (signal) => {
      announce(this.#form, await ask("POST", `/api/v1/voices/import${query}`, file, signal), "Here is");
      await renew();
    }, true);
  }
}
