// @ts-check
/** What is typed into, ticked or chosen from, for a JSON schema, and the value that stands in it. */

/**
 * What of JSON schema our pipelines use.
 * @typedef {object} Schema
 * @property {string} [type]
 * @property {unknown[]} [enum]
 * @property {string[]} [names]  what people call each of them; no word of JSON schema, and only ours have it
 * @property {Schema[]} [anyOf]
 * @property {unknown} [default]
 * @property {string} [description]
 * @property {number} [maxLength]
 */
/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */

// What may be longer than this is rarely one line.
const LINE = 1000;

/** The schema without null, and whether it may be null. @param {Schema} schema */
export function plain(schema) {
  const ways = (schema.anyOf ?? []).filter(({ type }) => type !== "null");
  const nullable = Boolean(schema.anyOf?.some(({ type }) => type === "null"));
  return { schema: schema.anyOf ? ways.length === 1 ? ways[0] : { type: "string" } : schema, nullable };
}

/**
 * @param {string} name @param {Schema} whole @param {string[]} [offers]  what it could be, where the schema does not say
 * @returns {Control}
 */
export function control(name, whole, offers) {
  const { schema, nullable } = plain(whole);
  const choices = schema.enum?.map(String) ?? offers;
  if (schema.type === "boolean") return Object.assign(document.createElement("input"), { type: "checkbox" });
  if (schema.type === "object" || (schema.maxLength ?? 0) > LINE) return lines();
  if (choices) return select(nullable ? ["", ...choices] : choices, schema.names ?? []);
  const made = Object.assign(document.createElement("input"), { type: "text" });
  if (whole.default != null && !nullable) made.placeholder = String(whole.default);
  if (schema.type === "integer" || schema.type === "number") made.inputMode = schema.type === "integer" ? "numeric" : "text";
  else made.dir = "auto";
  if (name === "emotion") made.setAttribute("list", "emotions");
  return made;
}

/**
 * What stands in it; null where it was left open. What is no number is given as it is, for the API to say what would be one.
 * @param {Control} at @param {Schema} whole @returns {unknown}
 */
export function read(at, whole) {
  const { type } = plain(whole).schema;
  const text = at.value.trim();
  if (at instanceof HTMLInputElement && at.type === "checkbox") return at.checked;
  if (type === "object") return pairs(text);
  if (!text) return null;
  const number = Number(text.replace(",", ".").replace("−", "-"));
  return (type === "integer" || type === "number") && Number.isFinite(number) ? number : text;
}

/** @param {Control} at @param {unknown} value */
export function write(at, value) {
  if (at instanceof HTMLInputElement && at.type === "checkbox") at.checked = Boolean(value);
  else if (value && typeof value === "object") at.value = Object.entries(value).map(([name, one]) => `${name} = ${said(one)}`).join("\n");
  else at.value = value == null ? "" : String(value);
  if (!(at instanceof HTMLSelectElement) || at.selectedIndex >= 0) return;
  at.add(new Option(String(value), String(value))); // a voice that has gone since, or what only programs choose
  at.value = String(value);
}

function lines() {
  return Object.assign(document.createElement("textarea"), { className: "plain", rows: 2, spellcheck: false, dir: "auto" });
}

/** @param {string[]} choices @param {string[]} names */
function select(choices, names) {
  const made = document.createElement("select");
  choices.forEach((one, at) => made.add(new Option(names[at] ?? (one || "Not given"), one)));
  return made;
}

/** `ANNA = vivian`, a line each; what a name is given may be JSON. @param {string} text */
function pairs(text) {
  const found = text.split("\n").filter((line) => line.trim()).map((line) => {
    const [name, ...rest] = line.split("=");
    return [name.trim(), meant(rest.join("=").trim())];
  });
  return Object.fromEntries(found);
}

/** @param {string} text */
function meant(text) {
  if (!text.startsWith("{")) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text; // the API says what is wrong with it
  }
}

/** @param {unknown} value */
function said(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}
