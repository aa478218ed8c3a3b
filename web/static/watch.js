// @ts-check
/** What is at work, as it goes on: server-sent events, which come back by themselves when the daemon does. */

// Where the browser gives up instead of asking again, after a proxy's error for one.
const AGAIN_MS = 3000;

export class Watch {
  /** @type {EventSource | null} */ #source = null;
  #timer = 0;

  /** Called when it begins to hear, at first and again. */ onopen = () => {};
  /** Called with how a job stands. @type {(job: any) => void} */ onjob = () => {};
  /** Called when nobody answers. */ onlost = () => {};

  /** Watch as long as somebody looks: a browser has six connections for a daemon, and every page in the background would hold one. */
  start() {
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#close() : this.#open()));
    if (!document.hidden) this.#open();
  }

  #open() {
    this.#close();
    const source = new EventSource("/studio/jobs");
    this.#source = source;
    source.addEventListener("open", () => this.onopen());
    source.addEventListener("progress", (event) => this.onjob(JSON.parse(/** @type {MessageEvent} */ (event).data)));
    source.addEventListener("error", () => {
      this.onlost();
      if (source.readyState === EventSource.CLOSED) this.#timer = setTimeout(() => this.#open(), AGAIN_MS);
    });
  }

  #close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }
}
