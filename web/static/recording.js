// @ts-check
/** A voice from a recording: taken, looked at, heard, and then kept. */
import { ask, Refused, send } from "./api.js";
import { announce, complain } from "./desk.js";
import { text } from "./fields.js";
import { Findings } from "./findings.js";
import { clock, element, write } from "./page.js";
import { MOST_S, Recorder } from "./recorder.js";
import { renew } from "./renew.js";
import { Work } from "./work.js";

const PATIENCE_MS = 500;
const NOTHING = "there is no recording yet: choose a file, drop one, or record";

export class Recording {
  #form = element("recording", HTMLFormElement);
  #file = element("file", HTMLInputElement);
  #heard = element("heard", HTMLAudioElement);
  #drop = element("drop", HTMLElement);
  #force = element("force", HTMLInputElement);
  #findings = new Findings();
  #recorder = new Recorder();
  #looking = new Work(this.#drop);
  #keeping = new Work(this.#form);
  #timer = 0;
  /** @type {Blob | null} */ #sound = null;
  /** What the uploaded recording is called. @type {string | null} */ #id = null;

  constructor() {
    this.#file.addEventListener("change", () => this.#file.files?.[0] && this.#take(this.#file.files[0]));
    for (const id of ["transcript", "spoken-in"]) element(id, HTMLElement).addEventListener("change", () => this.#lookAgain());
    element("record", HTMLButtonElement).addEventListener("click", () => void this.#record());
    element("trial", HTMLElement).addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // whoever wants to hear it does not want to keep it yet
      element("hear-clone", HTMLElement).querySelector("button")?.click();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#keep();
    });
    for (const kind of ["dragover", "dragleave", "drop"]) {
      this.#form.addEventListener(kind, (event) => this.#over(/** @type {DragEvent} */ (event)));
    }
    this.#recorder.onblock = (peak, seconds) => this.#meter(peak, seconds);
  }

  /** A sentence in the recording's voice. @param {AbortSignal} signal */
  async speak(signal) {
    const ref_audio = await this.#upload(signal);
    const wish = { text: text(this.#form, "text") ?? "", ref_audio, ref_text: text(this.#form, "transcript") };
    return send("POST", "/api/v1/voice-clone", { ...wish, format: "wav", keep: false, priority: "preview" }, signal);
  }

  // --- taken ---------------------------------------------------------------------------------------------------------

  /** @param {Blob} sound */
  #take(sound) {
    if (this.#sound) URL.revokeObjectURL(this.#heard.src);
    [this.#sound, this.#id] = [sound, null];
    this.#heard.src = URL.createObjectURL(sound);
    this.#heard.hidden = false;
    this.#findings.clear();
    void this.#look();
  }

  /** @param {DragEvent} event */
  #over(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.#drop.classList.toggle("over", event.type === "dragover");
    const file = event.type === "drop" && event.dataTransfer.files[0];
    if (!file) return;
    this.#file.files = event.dataTransfer.files;
    this.#take(file);
  }

  async #record() {
    complain(this.#drop);
    try {
      if (this.#recorder.on) {
        this.#file.value = "";
        this.#take(await this.#recorder.stop());
      } else await this.#recorder.start();
    } catch (error) {
      complain(this.#drop, error);
    }
    this.#arrange();
  }

  #arrange() {
    const { on } = this.#recorder;
    write("record", on ? "Stop" : "Record");
    element("recorded", HTMLElement).hidden = element("loudness", HTMLMeterElement).hidden = !on;
    if (on) this.#meter(0, 0);
  }

  /** @param {number} peak @param {number} seconds */
  #meter(peak, seconds) {
    element("loudness", HTMLMeterElement).value = peak;
    write("recorded", clock(seconds));
    if (seconds >= MOST_S) void this.#record();
  }

  // --- looked at -----------------------------------------------------------------------------------------------------

  /** Its id among the uploaded files. @param {AbortSignal} signal */
  async #upload(signal) {
    const sound = this.#sound;
    if (!sound) throw new Refused(NOTHING);
    if (this.#id) return this.#id;
    const { file_id } = await ask("POST", "/api/v1/files/upload", sound, signal);
    if (sound === this.#sound) this.#id = file_id; // or another one was chosen meanwhile
    return /** @type {string} */ (file_id);
  }

  /** Whoever leaves a field by a click on a button would see the button jump away from under the mouse. */
  #lookAgain() {
    clearTimeout(this.#timer);
    if (this.#sound) this.#timer = setTimeout(() => void this.#look(), PATIENCE_MS);
  }

  async #look() {
    await this.#looking.run("Looking at the recording…", async (signal) => {
      const audio = await this.#upload(signal);
      const language = element("spoken-in", HTMLSelectElement).value || null;
      const report = await ask("POST", "/api/v1/voices/lint", { audio, language, transcript: text(this.#form, "transcript") }, signal);
      this.#findings.show(report);
      this.#offerForce(!report.usable);
    });
  }

  /** @param {boolean} needed */
  #offerForce(needed) {
    element("force-choice", HTMLElement).hidden = !needed;
    if (!needed) this.#force.checked = false;
  }

  // --- kept ----------------------------------------------------------------------------------------------------------

  async #keep() {
    clearTimeout(this.#timer);
    await this.#keeping.run("Keeping it…", async (signal) => {
      const audio = await this.#upload(signal);
      const form = this.#form;
      const asked = { kind: "clone", audio, transcript: text(form, "transcript"), label: text(form, "label"), id: text(form, "id") };
      const agreed = { consent: text(form, "consent"), force: this.#force.checked };
      const { voice } = await ask("POST", "/api/v1/voices", { ...asked, ...agreed }, signal).catch((error) => this.#refused(error));
      announce(form, voice, "Kept as");
      await renew();
    }, true);
  }

  /** @param {Refused} error @returns {never} */
  #refused(error) {
    if (error.code === "poor_reference") {
      this.#offerForce(true);
      throw new Refused(error.message); // each finding stands above already, with what to do about it
    }
    if (error.code === "unknown_file") this.#id = null; // it was thrown away meanwhile, and is sent again the next time
    throw error;
  }
}
