/* The live link: one EventSource, resumed where it stopped, with the time of the last thing known to be true. */
import { now } from "./time.js";

const QUIET = 30000; // ms without any event after which the link is tried
const FIRST_RETRY = 1000;
const LAST_RETRY = 15000;

export class Live {
  /* `on` = handlers by event name, plus `lost(since)` and `back()`. The first `workers` of a link with a box comes with that box: whoever is not in it is not there. */
  constructor(on) {
    this.on = on;
    this.cursor = null;
    this.box = null;
    this.heard = now();
    this.wait = FIRST_RETRY;
    this.down = false;
    setInterval(() => this.#probe(), QUIET / 2);
    addEventListener("offline", () => this.#lose());
    addEventListener("online", () => this.#open());
  }

  start(cursor) {
    this.cursor = cursor ?? this.cursor;
    this.#open();
  }

  /* Look at another part of the map, `west,south,east,north`: a new link goes on where the old one was. */
  look(box) {
    if (box === this.box) return;
    this.box = box;
    if (this.source && !this.down) this.#open();
  }

  #open() {
    clearTimeout(this.timer);
    this.source?.close();
    const asked = Object.entries({ after: this.cursor, box: this.box }).filter(([, value]) => value !== null && value !== undefined);
    this.within = this.box;
    this.source = new EventSource(`/api/live?${new URLSearchParams(asked)}`);
    this.source.onopen = () => this.#found();
    this.source.onerror = () => this.#lose();
    for (const name of ["incident", "task", "workers", "figures", "reload"]) {
      this.source.addEventListener(name, (event) => this.#take(name, event));
    }
  }

  #take(name, event) {
    if (event.lastEventId) this.cursor = event.lastEventId;
    this.#found();
    const within = name === "workers" ? this.within : null;
    if (within) this.within = null;
    this.on[name]?.(JSON.parse(event.data || "{}"), within);
  }

  #found() {
    this.heard = now();
    this.wait = FIRST_RETRY;
    if (!this.down) return;
    this.down = false;
    this.on.back();
  }

  /* A browser gives up on some answers: then we open a new source ourselves, later and later. */
  #lose() {
    if (!this.down) {
      this.down = true;
      this.on.lost(this.heard);
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#open(), this.wait);
    this.wait = Math.min(this.wait * 2, LAST_RETRY);
    this.source.close();
  }

  /* A cut cable says nothing: ask something small when it has been quiet. */
  async #probe() {
    if (this.down || !this.source || now() - this.heard < QUIET) return;
    try {
      await fetch("/api/categories", { cache: "no-store", signal: AbortSignal.timeout(8000) });
      this.heard = now();
    } catch {
      this.#lose();
    }
  }
}
