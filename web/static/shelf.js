// @ts-check
/** Who is here: what can be done with each. */
import { ask } from "./api.js";
import { complain } from "./desk.js";
import { element } from "./page.js";
import { Profile } from "./profile.js";
import { renew } from "./renew.js";
import { sure } from "./sure.js";

const HELP = "Its recording goes with it, for good. Export it first to be able to bring it back.";

export class Shelf {
  #profile = new Profile();

  constructor() {
    element("shelf", HTMLElement).addEventListener("click", ({ target }) => {
      const button = target instanceof Element && target.closest("[data-act]");
      const row = button && /** @type {HTMLElement | null} */ (button.closest("[data-voice]"));
      if (row) this.#do(button.getAttribute("data-act"), row).catch((error) => complain(row, error));
    });
  }

  /** @param {string | null} deed @param {HTMLElement} row */
  async #do(deed, row) {
    if (deed === "edit" || deed === "adapt" || deed === "delete") complain(row);
    if (deed === "edit" || deed === "adapt") await this.#profile.open(row.dataset.voice ?? "", deed);
    if (deed === "delete") await this.#delete(row);
  }

  /** @param {HTMLElement} row */
  async #delete(row) {
    const { voice = "", label = "" } = row.dataset;
    if (!(await sure("Delete this voice?", label, HELP))) return;
    await ask("DELETE", `/api/v1/voices/${voice}`);
    await renew();
  }
}
