// @ts-check
/** What stands in the fields of a form. What was left open is null, which is the same to the API as not to say it. */

/** @param {HTMLFormElement} form @param {string} name */
export function text(form, name) {
  const field = form.elements.namedItem(name);
  const value = field instanceof RadioNodeList || (field && "value" in field) ? String(field.value).trim() : "";
  return value || null;
}

/** What is no number is given as it is, for the API to say what would be one. @param {HTMLFormElement} form @param {string} name */
export function number(form, name) {
  const value = text(form, name);
  const read = Number(value?.replace(",", ".").replace("−", "-"));
  return value === null ? null : Number.isFinite(read) ? read : value;
}

/** @param {HTMLFormElement} form @param {string} name */
export function ticked(form, name) {
  const field = form.elements.namedItem(name);
  return field instanceof HTMLInputElement && field.checked;
}
