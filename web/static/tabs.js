// @ts-check
/** Tabs: one panel is seen, arrow keys go from one to the next, an address with its name opens it. */

/** @param {HTMLElement} list  of buttons, each with `aria-controls` */
export function tabs(list) {
  const all = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[role=tab]")]);
  const panel = (/** @type {HTMLElement} */ tab) => document.getElementById(tab.getAttribute("aria-controls") ?? "");
  const choose = (/** @type {HTMLElement} */ chosen) => {
    for (const tab of all) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      const shown = panel(tab);
      if (shown) shown.hidden = tab !== chosen;
    }
  };
  const steps = new Map([["ArrowRight", 1], ["ArrowLeft", -1], ["Home", -Infinity], ["End", Infinity]]);
  list.addEventListener("keydown", (event) => {
    const step = steps.get(event.key);
    if (step === undefined) return;
    event.preventDefault();
    const at = all.findIndex((tab) => tab.tabIndex === 0) + step;
    const next = Number.isFinite(at) ? all[(at + all.length) % all.length] : all.at(at > 0 ? -1 : 0);
    if (next) choose(next);
    next?.focus();
  });
  for (const tab of all) tab.addEventListener("click", () => choose(tab));
  const named = all.find((tab) => tab.id === `tab-${location.hash.slice(1)}`);
  if (!named) return;
  choose(named);
  list.scrollIntoView();
}
