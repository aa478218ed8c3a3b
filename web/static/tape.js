// @ts-check
/** A tape that plays while it is being written: what arrives is appended, a head moves along, gaps are counted. */

/**
 * @typedef {object} Report  in samples and in seconds of the context's clock
 * @property {number} at        the head
 * @property {number} heard     samples given to the speakers
 * @property {number} gaps      how often the tape ran empty while more was to come
 * @property {boolean} playing  false while it is held
 * @property {boolean} finished the head is at the end and nothing more will come
 * @property {number | null} first  when its first sample was given to the speakers
 * @property {number} turn      that of the last `clear` or `seek`
 */

/**
 * What a tape is told. An ArrayBuffer is s16le mono at the context's rate, appended; `end`: nothing more will be;
 * `play`: go on, or hold; `seek`: move the head, in samples; `clear`: an empty tape, whatever sounds fades out first.
 * On a `live` tape the maker waits for a writer, so running empty is no gap. By their `turn` reports are known that were
 * on their way when the head was moved.
 * @typedef {ArrayBuffer | {end?: true, play?: boolean, seek?: number, clear?: true, live?: boolean, turn?: number}} Message
 */

// A report every 20 ms: more often than a screen is drawn would be for nobody.
const REPORT_S = 0.02;
// What must lie ahead before the first sample: one frame of a neural voice would be played up before the next one is
// through a home's radio, and speech that halts after its first syllable is worse than 40 ms more of silence.
const LEAD_S = 0.1;
// After a gap, wait until this much is ready, and twice as much after each further one: a maker that fell behind once
// will again, and one longer pause is kinder than many clicks.
const REFILL_S = 0.15;
const REFILL_MAX_S = 1.2;

/** Samples in the blocks they came in, and a head. */
class Reel {
  /** @type {Int16Array[]} */ #blocks = [];
  #block = 0; // the block under the head
  #offset = 0; // the head within that block
  length = 0;
  at = 0;

  /** @param {Int16Array} block */
  append(block) {
    if (!block.length) return;
    this.#blocks.push(block);
    this.length += block.length;
  }

  /** @param {number} samples */
  seek(samples) {
    this.at = Math.max(0, Math.min(samples, this.length));
    let before = 0;
    this.#block = this.#blocks.findIndex((block) => (before += block.length) > this.at);
    if (this.#block < 0) [this.#block, this.#offset] = [this.#blocks.length, 0];
    else this.#offset = this.at - (before - this.#blocks[this.#block].length);
  }

  /**
   * Copy what lies under the head while the gain goes from one value to the other; how many samples there were.
   * @param {Float32Array} out @param {number} from @param {number} to
   */
  read(out, from, to) {
    let written = 0;
    while (written < out.length && this.#block < this.#blocks.length) {
      const block = this.#blocks[this.#block];
      const count = Math.min(out.length - written, block.length - this.#offset);
      for (let i = 0; i < count; i++) {
        const gain = from + ((to - from) * (written + i + 1)) / out.length;
        out[written + i] = (block[this.#offset + i] / 32768) * gain;
      }
      written += count;
      this.#offset += count;
      if (this.#offset === block.length) [this.#block, this.#offset] = [this.#block + 1, 0];
    }
    this.at += written;
    return written;
  }
}

export class Tape {
  #rate;
  #reel = new Reel();
  /** What sounded when the tape was cleared. @type {Reel | null} */ #leaving = null;
  #live = false;
  #ended = false;
  #playing = true;
  #heard = 0;
  #gaps = 0;
  #needed = 0; // samples that must lie ahead before going on
  #refill = REFILL_S;
  #gain = 0; // at the end of what was rendered last
  /** @type {number | null} */ #first = null;
  #told = "";
  #turn = 0;
  #reported = 0;

  /** @param {number} rate */
  constructor(rate) {
    this.#rate = rate;
    this.#needed = LEAD_S * rate;
  }

  /** @param {Message} message */
  take(message) {
    if (message instanceof ArrayBuffer) this.#reel.append(new Int16Array(message));
    else if (message.end) this.#ended = true;
    else this.#move(message);
  }

  /** @param {Exclude<Message, ArrayBuffer>} message */
  #move(message) {
    this.#turn = message.turn ?? this.#turn;
    if (message.clear) this.#clear(message.live ?? false);
    else if (message.seek !== undefined) this.#seek(message.seek);
    else if (message.play !== undefined) this.#playing = message.play;
  }

  /**
   * The next samples, into `out`; a report when there is something new to say.
   * @param {Float32Array} out  silence
   * @param {number} now  the context's time of its first sample
   * @returns {Report | null}
   */
  render(out, now) {
    const { at, length } = this.#reel;
    if (this.#leaving) this.#leave(out);
    else if (this.#ready(out.length)) this.#sound(out, 1, now);
    else if (this.#gain > 0 && at < length) this.#sound(out, 0, now);
    else this.#gain = 0;
    return this.#report(now);
  }

  /** @param {boolean} live */
  #clear(live) {
    if (this.#gain > 0) this.#leaving = this.#reel;
    this.#reel = new Reel();
    this.#live = live;
    this.#ended = false;
    this.#playing = true;
    this.#heard = this.#gaps = 0;
    this.#needed = LEAD_S * this.#rate;
    this.#refill = REFILL_S;
    this.#first = null;
  }

  /** @param {number} samples */
  #seek(samples) {
    this.#reel.seek(samples);
    this.#needed = 0;
    this.#told = ""; // tell where the head is now, even if that is the end again
  }

  /** Whether there is something to play now; counts a gap when the maker is late. @param {number} count */
  #ready(count) {
    const ahead = this.#reel.length - this.#reel.at;
    if (!this.#playing) return false;
    if (this.#ended) return ahead > 0;
    if (ahead >= Math.max(count, this.#needed)) {
      this.#needed = 0;
      return true;
    }
    if (this.#needed === 0 && !this.#live) {
      this.#gaps += 1;
      this.#needed = this.#refill * this.#rate;
      this.#refill = Math.min(2 * this.#refill, REFILL_MAX_S);
    }
    return false;
  }

  /**
   * Faded in after silence and out before it; the very first samples are given as they are.
   * @param {Float32Array} out @param {number} gain  at its end @param {number} now
   */
  #sound(out, gain, now) {
    this.#first ??= now;
    this.#heard += this.#reel.read(out, this.#reel.at === 0 ? 1 : this.#gain, gain);
    this.#gain = gain;
  }

  /** The last of the tape before this one. @param {Float32Array} out */
  #leave(out) {
    this.#leaving?.read(out, this.#gain, 0);
    this.#leaving = null;
    this.#gain = 0;
  }

  /** @param {number} now @returns {Report | null} */
  #report(now) {
    const { at, length } = this.#reel;
    const finished = this.#ended && at >= length;
    const news = `${this.#gaps} ${this.#playing} ${finished} ${this.#first}`;
    const still = finished || !this.#playing || length === 0;
    if (news === this.#told && (still || now - this.#reported < REPORT_S)) return null;
    this.#told = news;
    this.#reported = now;
    return { at, heard: this.#heard, gaps: this.#gaps, playing: this.#playing, finished, first: this.#first, turn: this.#turn };
  }
}
