// @ts-check
/** Asks before something is thrown away. */
import { element, write } from "./page.js";

/** @param {string} title @param {string} what @param {string} help @returns {Promise<boolean>} */
export function sure(title, what, help) {
  const dialog = element("delete", HTMLDialogElement);
  write("delete-title", title);
  write("delete-text", what);
  write("delete-help", help);
  dialog.returnValue = "keep";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "delete"), { once: true });
  });
}
