// @ts-check
/** The picture of what is heard: bars that rise where sound has arrived, and a head that moves over them. */

const PEAKS_PER_SECOND = 100;
// On an empty stage a bar stands for this long; when the bars run out, each one stands for twice as long.
const BAR_S = 0.03;
const BAR = 3;
const PITCH = 5;
// Of the way to its new height, a bar goes this much each frame: settled in about a fifth of a second.
const EASE = 0.22;
const SETTLED = 0.002;
// Speech is mostly quiet; this exponent lets the eye see what the ear hears.
const LOUDNESS = 0.62;

export class Waveform {
  #canvas;
  #position;
  #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #peaks = new Float32Array(64 * PEAKS_PER_SECOND);
  #count = 0;
  #rate = 24000;
  #samples = 0;
  #peak = 0;
  #ended = false;
  #moving = false;
  #span = 1;
  #shown = new Float32Array(0);
  #frame = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => number} position  where the head is, in seconds
   */
  constructor(canvas, position) {
    this.#canvas = canvas;
    this.#position = position;
    new ResizeObserver(() => this.#fit()).observe(canvas);
    const repaint = () => this.#wake();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
    new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.#fit();
  }

  /** Seconds of audio that have arrived. */
  get duration() {
    return this.#samples / this.#rate;
  }

  /** An empty stage for audio at this rate. @param {number} rate */
  clear(rate) {
    this.#rate = rate;
    this.#count = this.#samples = this.#peak = 0;
    this.#ended = false;
    this.#span = this.#wanted();
    this.#wake();
  }

  /** @param {Int16Array} pcm */
  add(pcm) {
    const width = this.#rate / PEAKS_PER_SECOND;
    for (const sample of pcm) {
      this.#peak = Math.max(this.#peak, Math.abs(sample));
      this.#samples += 1;
      if (this.#samples >= (this.#count + 1) * width) this.#push();
    }
    this.#wake();
  }

  /** All has arrived: it may fill the stage. */
  end() {
    if (this.#peak) this.#push();
    this.#ended = true;
    this.#wake();
  }

  /** Draw until told otherwise, because the head moves. @param {boolean} on */
  move(on) {
    this.#moving = on;
    this.#wake();
  }

  #push() {
    if (this.#count === this.#peaks.length) {
      const more = new Float32Array(2 * this.#count);
      more.set(this.#peaks);
      this.#peaks = more;
    }
    this.#peaks[this.#count++] = this.#peak / 32768;
    this.#peak = 0;
  }

  get #bars() {
    return Math.max(1, Math.floor(this.#canvas.clientWidth / PITCH));
  }

  /** Seconds that the whole width stands for. */
  #wanted() {
    let span = this.#bars * BAR_S;
    if (this.#ended && this.#samples) return Math.max(this.duration, span / 8);
    while (span < this.duration) span *= 2;
    return span;
  }

  #fit() {
    const { clientWidth, clientHeight } = this.#canvas;
    const scale = devicePixelRatio || 1;
    this.#canvas.width = Math.round(clientWidth * scale);
    this.#canvas.height = Math.round(clientHeight * scale);
    this.#shown = new Float32Array(this.#bars);
    this.#wake();
  }

  #wake() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#draw() || this.#moving) this.#wake();
    });
  }

  /** One frame; true while something has not settled. */
  #draw() {
    const wanted = this.#wanted();
    const ease = this.#calm.matches ? 1 : EASE;
    this.#span += (wanted - this.#span) * ease;
    let restless = Math.abs(wanted - this.#span) > SETTLED * wanted;
    const shown = this.#shown;
    for (let bar = 0; bar < shown.length; bar++) {
      const away = this.#height(bar, this.#span / shown.length) - shown[bar];
      shown[bar] += away * ease;
      restless ||= Math.abs(away) > SETTLED;
    }
    this.#paint();
    return restless;
  }

  /** The height of a bar from 0 to 1. @param {number} bar @param {number} seconds */
  #height(bar, seconds) {
    const from = Math.floor(bar * seconds * PEAKS_PER_SECOND);
    const to = Math.min(this.#count, Math.max(from + 1, Math.floor((bar + 1) * seconds * PEAKS_PER_SECOND)));
    let peak = 0;
    for (let i = from; i < to; i++) peak = Math.max(peak, this.#peaks[i]);
    return peak ** LOUDNESS;
  }

  #paint() {
    const canvas = this.#canvas;
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const style = getComputedStyle(canvas);
    const [played, ahead, tape, head] = ["played", "ahead", "tape", "head"].map((name) =>
      style.getPropertyValue(`--wave-${name}`),
    );
    const { clientWidth: width, clientHeight: height } = canvas;
    pen.setTransform(canvas.width / width, 0, 0, canvas.height / height, 0, 0);
    pen.clearRect(0, 0, width, height);
    const left = (width - (this.#shown.length * PITCH - (PITCH - BAR))) / 2;
    const at = left + (this.#position() / this.#span) * this.#shown.length * PITCH;
    this.#shown.forEach((loudness, bar) => {
      const x = left + bar * PITCH;
      const tall = Math.max(BAR, loudness * (height - 12));
      pen.fillStyle = tall <= BAR ? tape : x < at ? played : ahead;
      pen.beginPath();
      pen.roundRect(x, (height - tall) / 2, BAR, tall, BAR / 2);
      pen.fill();
    });
    if (this.#samples) {
      pen.fillStyle = head;
      pen.beginPath();
      pen.roundRect(Math.min(at, width - left) - 1, 0, 2, height, 1);
      pen.fill();
    }
  }
}
