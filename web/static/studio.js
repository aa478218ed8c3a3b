// @ts-check
/** The studio: what is written goes to voiced, and what comes back is heard and seen while it is made. */
import { Conversation } from "./conversation.js";
import { element, sentence, write } from "./page.js";
import { Player } from "./player.js";
import { Runs } from "./runs.js";
import { Stage } from "./stage.js";
import { Typing } from "./typing.js";
import { Wishes } from "./wishes.js";

const LOST = "The connection to voiced was lost in the middle of the speech: what you heard is not all of it.";
const SILENT = "voiced does not answer. Is it still running?";
const REFUSED = "voiced closed the connection before it spoke. Try again.";
const LOCKED = "voiced asks for a key that this browser does not have. Open the page once with ?api_key=… at the end of its address.";
const SHORT = {
  length: "The speech was cut: it had become too long.",
  runaway: "The voice lost its way and was stopped: this may not be all of the text.",
};

const form = element("compose", HTMLFormElement);
const text = element("text", HTMLTextAreaElement);
const stopButton = element("stop", HTMLButtonElement);
const replayButton = element("replay", HTMLButtonElement);
const keepButton = element("keep-seed", HTMLButtonElement);
const liveSwitch = element("live", HTMLInputElement);

const player = new Player();
const wishes = new Wishes();
const stage = new Stage(() => player.position, play);
const runs = new Runs(complain);
const conversation = new Conversation(new URL("/ws/speech", location.href.replace(/^http/, "ws")).href, {
  header: begin, pcm: take, end: finish, fault: (fault) => complain(explain(fault)), lost: () => void lose(),
});

let rate = Number(form.dataset.rate);
let asked = 0;
let seed = -1;
/** Whether the text of what is spoken is still being written. */
let writing = false;
/** Whether there is sound that has not been heard. */
let sounding = false;
/** Whether the speech is less than what was asked for. */
let cut = false;
let typing = new Typing(text.value);

// --- asking --------------------------------------------------------------------------------------------------------

/** @param {string | null} words  all of them; null when they are still being written */
function speak(words) {
  complain("");
  writing = words === null;
  cut = sounding = false;
  asked = performance.now();
  seed = -1;
  write("voice-language", form.dataset.model ?? "");
  stage.clear(rate);
  stage.show("asking", "Finding the voice…");
  conversation.start({ ...wishes.read(), ...(words !== null && { text: words }) });
  listen();
  arrange();
}

function listen() {
  player.open(rate, writing).catch(mute);
}

/** Speech goes on and is kept; without a connection there is a better reason to give. @param {Error} error */
function mute({ message }) {
  if (conversation.open || sounding) complain(`This browser makes no sound: ${sentence(message)}`);
}

function submit() {
  const rest = typing.finish(text.value);
  if (writing) {
    if (rest) conversation.write(rest);
    conversation.endText();
    writing = false;
    arrange();
  } else speak(liveSwitch.checked && rest.trim() ? rest : text.value);
}

function type() {
  if (!liveSwitch.checked) return;
  if (!writing && (conversation.open || sounding)) return typing.follow(text.value); // its turn comes afterwards
  const piece = typing.write(text.value);
  if (!piece.trim()) return;
  if (!writing) speak(null);
  conversation.write(piece);
}

function stop() {
  if (!conversation.open && !sounding) return;
  conversation.cancel();
  player.hold();
  player.end();
  writing = sounding = false;
  typing = new Typing(text.value);
  stage.complete();
  stage.show("idle", "Stopped");
  arrange();
}

/** @param {number} seconds */
function play(seconds) {
  sounding = true;
  stage.show("speaking", "Playing");
  player.play(seconds).catch(mute);
  arrange();
}

/** Which buttons can be pressed now, and what the first one does. */
function arrange() {
  write("speak-word", writing ? "Finish" : "Speak");
  stopButton.disabled = !conversation.open && !sounding;
  replayButton.disabled = conversation.open || !stage.playable;
  keepButton.disabled = seed < 0;
}

// --- hearing -------------------------------------------------------------------------------------------------------

/** @param {import("./conversation.js").Header} header */
function begin(header) {
  if (header.sample_rate !== rate) {
    rate = header.sample_rate;
    stage.clear(rate);
    listen();
  }
  seed = header.seed;
  write("voice-used", wishes.label(header.voice));
  write("voice-language", `${header.language} · ${form.dataset.model}`);
  write("seed-used", String(seed));
  write("engine-state", "ready");
}

/** @param {ArrayBuffer} pcm */
function take(pcm) {
  stage.add(pcm);
  player.write(pcm);
  if (sounding) return;
  sounding = true;
  stage.show("speaking", "Speaking");
  arrange();
}

/** @param {import("./conversation.js").End} end */
function finish({ reason, run_id, seed: used, timing }) {
  writing = false;
  if (used != null && seed >= 0) {
    seed = used; // a voice that ran away before it was heard was made again with another
    write("seed-used", String(seed));
  }
  player.end();
  stage.complete();
  stage.time(timing);
  if (run_id) stage.offer(run_id);
  if (reason === "error") breakOff();
  else if (reason !== "cancelled" && reason !== "stop") complain(SHORT[reason]);
  arrange();
  runs.refresh().catch(() => {}); // the shelf is as it was; what was spoken is not the worse for it
}

async function lose() {
  const begun = sounding;
  writing = false;
  player.end();
  stage.complete();
  breakOff();
  arrange();
  complain(begun ? LOST : await diagnose());
}

function breakOff() {
  cut = true;
  stage.show("failed", sounding ? "Broken off" : "Not spoken");
}

/** Why there is no connection, as plain HTTP tells it. */
async function diagnose() {
  try {
    const { ok, status } = await fetch("/api/v1/status");
    return ok ? REFUSED : status === 401 || status === 403 ? LOCKED : SILENT;
  } catch {
    return SILENT;
  }
}

/** What voiced says, with names where a program reads codes. @param {import("./conversation.js").Fault} fault */
function explain({ code, message }) {
  if (code !== "language_not_spoken") return sentence(message);
  return `That language is not spoken here. What can be spoken: ${wishes.spoken()}.`;
}

/** @param {string} words */
function complain(words) {
  write("problem", words);
}

// What the last tape still has to say, the worklet says after the next one was asked for.
player.onfirst = (at) => {
  if (at >= asked) stage.heard(at - asked);
};
player.onreport = ({ gaps, finished }) => {
  stage.tick();
  if (sounding) write("gaps", String(gaps));
  if (!finished || !sounding || conversation.open) return;
  sounding = false;
  if (!cut) stage.show("done", "Spoken");
  arrange();
  type();
};

// --- hands ---------------------------------------------------------------------------------------------------------

form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
text.addEventListener("input", type);
liveSwitch.addEventListener("change", () => {
  if (writing) submit();
  typing = new Typing(text.value);
  if (conversation.open || sounding) return;
  stage.show("idle", liveSwitch.checked ? "Write: each sentence is spoken as you finish it" : "Ready");
});
stopButton.addEventListener("click", stop);
replayButton.addEventListener("click", () => play(0));
keepButton.addEventListener("click", () => wishes.keep(seed));
document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") stop();
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  }
});
// Browsers allow sound after the first touch or key; what takes time is then done before anybody asks to speak.
for (const sign of ["pointerdown", "keydown"]) {
  document.addEventListener(sign, () => void player.prepare(rate).catch(() => {}), { once: true });
}
stage.clear(rate);
