// @ts-check
/** The names of the house, and how they are said. */
import { ask } from "./api.js";
import { complain, desk } from "./desk.js";
import { text, ticked } from "./fields.js";
import { element } from "./page.js";
import { renew } from "./renew.js";
import { Work } from "./work.js";

export class Lexicon {
  #form = element("lexicon", HTMLFormElement);
  #work = new Work(this.#form);

  /** Called when a word has changed. */
  onchange = () => {};

  constructor() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#add();
    });
    element("words", HTMLElement).addEventListener("click", ({ target }) => {
      const row = target instanceof Element && target.closest("[data-act=less]")?.closest("li");
      if (row) void this.#remove(row);
    });
  }

  async #add() {
    const form = this.#form;
    const word = { word: text(form, "word") ?? "", say: text(form, "say") ?? "" };
    const where = { language: text(form, "language"), voice: text(form, "voice") };
    const done = await this.#work.run("", async (signal) => {
      await ask("PUT", "/api/v1/lexicon", { ...word, ...where, regex: ticked(form, "regex"), case: ticked(form, "case") }, signal);
      await renew();
    }, true);
    if (!done) return;
    this.#work.say(`${word.word} is in the lexicon.`);
    for (const id of ["word", "say"]) element(id, HTMLInputElement).value = "";
    element("word", HTMLInputElement).focus();
    this.onchange();
  }

  /** @param {HTMLElement} row */
  async #remove({ dataset: { word = "", language, voice } }) {
    const query = new URLSearchParams({ word, ...(language && { language }), ...(voice && { voice }) });
    try {
      complain(desk(this.#form));
      await ask("DELETE", `/api/v1/lexicon?${query}`);
      await renew();
      this.#work.say(`${word} is no more in the lexicon.`);
      this.onchange();
    } catch (error) {
      complain(this.#form, error);
    }
  }
}
