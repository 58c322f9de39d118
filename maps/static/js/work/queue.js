/* What a person did, kept in the phone until the server has it: in order, each with its own Idempotency-Key.
   Each worker has a shelf: on a phone that several share, nobody sends or loses what is another's. */
import { call, get, newKey, NoNetwork } from "../common/api.js";
import { now } from "../common/time.js";

const SHELF = "wangge.queue."; // and the worker's id
const KEPT = 3; // last things sent that are still shown
const AGAIN = 5000; // ms

const read = (shelf) => JSON.parse(localStorage.getItem(shelf) ?? "[]");

const transient = (problem) => problem instanceof NoNetwork || problem.status >= 500 || problem.status === 429;

export class Queue {
  /* `on` = {changed(), done(entry, row), refused(entry, problem), stranger()}: the last when somebody else is signed in. */
  constructor(on) {
    this.on = on;
    this.worker = null;
    this.waiting = [];
    this.sent = [];
    this.offline = false;
    addEventListener("online", () => this.flush());
    addEventListener("storage", (event) => event.key === this.shelf && this.#reread());
  }

  /* Go on with what this worker left; before that nothing is sent. */
  open(worker) {
    if (worker !== this.worker) this.sent = [];
    this.worker = worker;
    this.shelf = SHELF + worker;
    this.#reread();
    return this.flush();
  }

  /* Take an action: path and body as the server wants them, `task` and `move` for the screen. */
  add(action) {
    this.waiting.push({ ...action, key: newKey(), at: new Date(now()).toISOString() });
    this.#keep();
    return this.flush();
  }

  /* Moves of a task that the server does not know yet, oldest first. */
  movesOf(task) {
    return this.waiting.filter((entry) => entry.task === task);
  }

  async flush() {
    if (this.busy) return;
    this.busy = true;
    clearTimeout(this.timer);
    while (this.waiting.length && (await this.#send(this.waiting[0])));
    this.busy = false;
    if (this.waiting.length) this.timer = setTimeout(() => this.flush(), AGAIN);
  }

  /* Send one; false when it has to wait. A refusal leaves the queue: repeating it would not help. */
  async #send(entry) {
    let row = null;
    try {
      row = await call("POST", entry.path, entry.body, { "Idempotency-Key": entry.key });
    } catch (problem) {
      this.offline = problem instanceof NoNetwork;
      if (transient(problem) || problem.status === 401) {
        this.on.changed();
        return false;
      }
      if ((problem.status === 403 || problem.status === 404) && !(await this.#ours())) {
        this.on.stranger();
        return false;
      }
      this.#drop(entry);
      this.on.refused(entry, problem);
      return true;
    }
    this.offline = false;
    this.sent = [{ ...entry, body: null }, ...this.sent].slice(0, KEPT);
    this.#drop(entry);
    this.on.done(entry, row);
    return true;
  }

  /* Whether the page's worker is still the one signed in: in another tab it may have become somebody else. */
  async #ours() {
    const answer = await get("/api/tasks").catch(() => null);
    return answer?.worker.id === this.worker;
  }

  #drop(entry) {
    this.waiting = this.waiting.filter((other) => other.key !== entry.key);
    this.#keep();
  }

  #keep() {
    if (this.waiting.length) localStorage.setItem(this.shelf, JSON.stringify(this.waiting));
    else localStorage.removeItem(this.shelf);
    this.on.changed();
  }

  #reread() {
    this.waiting = read(this.shelf);
    this.on.changed();
  }
}
