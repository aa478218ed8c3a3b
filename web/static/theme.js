// @ts-check
/** The colours: as the system has them, or light or dark by choice. Loaded before the page is drawn, so nothing flashes. */
{
  const KEY = "voiced-colours";
  const choices = ["system", "light", "dark"];
  const root = document.documentElement;

  const choice = () => root.dataset.theme ?? "system";
  /** @param {string} wanted */
  const choose = (wanted) => {
    if (wanted === "system") delete root.dataset.theme;
    else root.dataset.theme = wanted;
  };
  choose(localStorage.getItem(KEY) ?? "system");

  document.addEventListener("DOMContentLoaded", () => {
    const button = /** @type {HTMLButtonElement} */ (document.getElementById("theme"));
    const name = () => button.setAttribute("aria-label", `Colours: ${choice() === "system" ? "as the system" : choice()}`);
    button.addEventListener("click", () => {
      choose(choices[(choices.indexOf(choice()) + 1) % choices.length]);
      localStorage.setItem(KEY, choice());
      name();
    });
    name();
    button.hidden = false;
  });
}
