// @ts-check
/** Asks before something is thrown away. */
import { element, write } from "./page.js";

/** Answers whoever has asked last. @type {(yes: boolean) => void} */
let answer = () => {};

/** @param {string} title @param {string} what @param {string} help @returns {Promise<boolean>} */
export function sure(title, what, help) {
  const dialog = element("delete", HTMLDialogElement);
  write("delete-title", title);
  write("delete-text", what);
  write("delete-help", help);
  answer(dialog.returnValue === "delete");
  dialog.returnValue = "keep";
  // A browser tells a moment after it has closed; by then the next question may be open, and this is no answer to it.
  dialog.onclose = () => dialog.open || answer(dialog.returnValue === "delete");
  dialog.showModal();
  return new Promise((resolve) => (answer = resolve));
}
