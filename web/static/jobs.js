// @ts-check
/** The room for long work: what is begun, what is at work, what has ended. */
import { Begin } from "./begin.js";
import { Watch } from "./watch.js";
import { Works } from "./works.js";

const works = new Works();
const begin = new Begin(async ({ run_id }) => {
  await works.refresh();
  works.go(run_id);
});
const watch = new Watch();
works.onagain = (/** @type {string} */ run, /** @type {string} */ title) => begin.like(run, title);
watch.onopen = () => void works.refresh();
watch.onjob = (/** @type {any} */ job) => works.told(job);
watch.onlost = () => works.lost();
void begin.open();
watch.start();
