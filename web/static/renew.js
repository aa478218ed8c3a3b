// @ts-check
/** The page as it would be now: its lists are brought up to date, and nothing that somebody typed is touched. */
import { element } from "./page.js";

const LISTS = ["shelf", "words"];
/** How often the page was asked for, and which of the answers is shown. */
let asked = 0;
let shown = 0;
const CLOCK = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** Ask for the page again and take its lists over. @param {string} [key]  whose row gets the keyboard, where it was in a list */
export async function renew(key) {
  const turn = ++asked;
  const answer = await fetch("/voices", { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (turn < shown) return; // who asked later was answered sooner, and knows more
  shown = turn;
  const focus = focused(key);
  for (const id of LISTS) replace(id, fresh);
  merge("held", fresh);
  for (const select of document.querySelectorAll("select[data-renew]")) offer(/** @type {HTMLSelectElement} */ (select), fresh);
  const [old, now] = [element("share", HTMLTemplateElement), fresh.getElementById("share")];
  if (now instanceof HTMLTemplateElement) old.content.replaceChildren(...document.adoptNode(now.content).children);
  localise(document);
  focus();
  document.dispatchEvent(new Event("renewed"));
}

/** Times as the reader's own clock shows them. @param {ParentNode} within */
export function localise(within) {
  for (const time of within.querySelectorAll("time")) time.textContent = CLOCK.format(new Date(time.dateTime));
}

/** @param {string} id @param {Document} fresh */
function replace(id, fresh) {
  const now = fresh.getElementById(id);
  if (!now) return;
  const old = element(id, HTMLElement);
  const open = [...old.querySelectorAll("details[open]")].map((one) => one.getAttribute("data-key"));
  old.replaceChildren(...document.adoptNode(now).childNodes);
  for (const one of old.querySelectorAll("details")) one.open = open.includes(one.dataset.key ?? null);
}

/** Rows that are there stay where they are, with all that was typed into them. @param {string} id @param {Document} fresh */
function merge(id, fresh) {
  const list = element(id, HTMLElement);
  const there = new Map([...list.children].map((row) => [row.getAttribute("data-key"), row]));
  const rows = [...(fresh.getElementById(id)?.children ?? [])];
  const now = rows.map((row) => there.get(row.getAttribute("data-key")) ?? document.adoptNode(row));
  for (const row of there.values()) if (!now.includes(row)) row.remove();
  now.reduceRight((/** @type {Element | null} */ next, row) => {
    if (!row.isConnected) list.insertBefore(row, next);
    return row;
  }, null);
}

/** @param {HTMLSelectElement} select @param {Document} fresh */
function offer(select, fresh) {
  const now = fresh.getElementById(select.id);
  if (!now) return;
  const chosen = select.value;
  select.replaceChildren(...document.adoptNode(now).children);
  select.value = chosen;
  if (select.selectedIndex < 0) select.value = "";
}

/**
 * Where the keyboard is in a list; gives what brings it there again, or to the row that took the place.
 * @param {string} [key]
 */
function focused(key) {
  const at = document.activeElement;
  const row = at?.closest("[data-key]");
  const list = row && LISTS.find((id) => element(id, HTMLElement).contains(row));
  if (!at || !row || !list) return () => {};
  const act = at.getAttribute("data-act");
  const rows = () => [...element(list, HTMLElement).querySelectorAll("li[data-key]")];
  const index = rows().indexOf(row);
  return () => {
    const now = rows();
    const wanted = key ?? row.getAttribute("data-key");
    const there = now.find((one) => one.getAttribute("data-key") === wanted) ?? now[Math.min(index, now.length - 1)];
    const next = there?.querySelector(`[data-act="${act}"]`) ?? there?.querySelector("[data-act]");
    (/** @type {HTMLElement | null} */ (next ?? document.querySelector(`#${list} [tabindex="-1"]`)))?.focus();
  };
}
