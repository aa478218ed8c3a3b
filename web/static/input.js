// @ts-check
/** What long work is made of: a file that is chosen or dropped, or a text that is typed. */
import { Refused } from "./api.js";
import { element } from "./page.js";

/** @typedef {import("./kinds.js").Kind} Kind */

// More than this in a field makes typing slow; a file may be as long as it wants.
const MOST_EDITED = 300_000;
const NOTHING = "there is nothing yet that it could be made of: choose a file, or paste a text";
const NO_FILE = "there is nothing yet that it could be made of: choose a file";

export class Input {
  #form = element("begin", HTMLFormElement);
  #file = element("file", HTMLInputElement);
  #drop = element("drop", HTMLElement);
  #text = element("text", HTMLTextAreaElement);
  #edit = element("edit", HTMLButtonElement);
  #without = element("without", HTMLButtonElement);
  #typed = true;
  /** What a text is called that came from somewhere. */ #name = "";
  /** What is in the file, where it could be edited. @type {string | null} */ #content = null;

  constructor() {
    this.#file.addEventListener("change", () => void this.#look());
    this.#edit.addEventListener("click", () => this.#toText());
    this.#without.addEventListener("click", () => {
      this.clear();
      this.#file.focus();
    });
    for (const type of ["dragover", "dragleave", "drop"]) {
      this.#form.addEventListener(type, (event) => this.#over(/** @type {DragEvent} */ (event)));
    }
  }

  /** What is taken now. @param {Kind} kind */
  suit({ accept, sample }) {
    this.#file.accept = accept;
    this.#typed = sample !== undefined;
    this.#text.placeholder = sample ?? "";
    this.#arrange();
  }

  /** Nothing is there. */
  clear() {
    this.#file.value = "";
    this.#text.value = this.#name = "";
    this.#content = null;
    this.#arrange();
  }

  /** A file, as if somebody had chosen it. @param {File} file */
  async take(file) {
    const carrier = new DataTransfer();
    carrier.items.add(file);
    this.#file.files = carrier.files;
    await this.#look();
  }

  /** For the API. Raises Refused. @returns {Promise<{text: string, name: string} | {data: string, name: string}>} */
  async read() {
    const file = this.#file.files?.[0];
    if (!file) {
      const text = this.#typed ? this.#text.value : "";
      if (!text.trim()) throw new Refused(this.#typed ? NOTHING : NO_FILE);
      return { text, name: this.#name || entitled(text) };
    }
    const most = Number(this.#form.dataset.most);
    if (file.size > most) throw new Refused(`${file.name} has ${size(file.size)}; ${size(most)} are the most`);
    return { data: await base64(file), name: file.name };
  }

  /** Bring a line of the text in sight, where there is one. @param {number} line  from 1 */
  go(line) {
    if (this.#content !== null) this.#toText();
    if (this.#file.files?.length) return;
    const lines = this.#text.value.split("\n");
    const from = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    this.#text.focus();
    this.#text.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
    // A text area scrolls to where it is typed, not to what is selected.
    const { lineHeight } = getComputedStyle(this.#text);
    this.#text.scrollTop = Math.max(0, (line - 3) * parseFloat(lineHeight));
  }

  /** Whether a line of it can be shown. */
  get editable() {
    return this.#content !== null || !this.#file.files?.length;
  }

  /** @param {DragEvent} event */
  #over(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.#drop.classList.toggle("over", event.type === "dragover");
    if (event.type !== "drop" || !event.dataTransfer.files.length) return;
    this.#file.files = event.dataTransfer.files;
    void this.#look();
  }

  async #look() {
    const file = this.#file.files?.[0];
    this.#content = file && this.#typed && file.size <= MOST_EDITED ? await decoded(file) : null;
    this.#arrange();
  }

  #toText() {
    const focused = document.activeElement === this.#edit;
    this.#name = this.#file.files?.[0]?.name ?? "";
    this.#text.value = this.#content ?? "";
    this.#file.value = "";
    this.#content = null;
    this.#arrange();
    if (focused) this.#text.focus();
  }

  #arrange() {
    const file = Boolean(this.#file.files?.length);
    element("pasted", HTMLElement).hidden = file || !this.#typed;
    this.#edit.hidden = this.#content === null;
    this.#without.hidden = !file;
  }
}

/** `12.4 MB` @param {number} bytes */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

/** What a text is called that nobody has called anything: as it begins. @param {string} text */
function entitled(text) {
  const line = text.split("\n").find((one) => /\p{L}/u.test(one)) ?? "";
  return line.replace(/[^\p{L}\p{N}' -]+/gu, " ").trim().slice(0, 40).trim();
}

/** Its text; null where it is none. @param {Blob} file */
async function decoded(file) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    return null;
  }
}

/** @param {Blob} file @returns {Promise<string>} */
function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(new Refused(`${"name" in file ? file.name : "the file"} cannot be read any longer; choose it again`));
    reader.readAsDataURL(file);
  });
}
