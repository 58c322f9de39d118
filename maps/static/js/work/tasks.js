/* The worker's tasks as the server last said, with what is still waiting to be sent laid over them. */
import { now } from "../common/time.js";

const ACTIVE = new Set(["offered", "accepted", "on_scene"]);
const LEADS_TO = { accept: "accepted", decline: "declined", arrive: "on_scene", return: "returned" };
const TAKEN = new Set(["withdrawn", "expired"]);
const AT_WORK = new Set(["filed", "dispatched", "handling", "returned", "extension_requested"]);
const FIRST = { offered: 0, on_scene: 1, accepted: 2 };
const URGENCY = { emergency: 0, urgent: 1, ordinary: 2 };

export class Tasks {
  constructor(queue) {
    this.queue = queue;
    this.rows = new Map();
    this.picked = null; // id the person chose from the list
  }

  /* Take all as they are now; return those somebody took back, or that went on to another, since the last time. */
  load(items) {
    const lost = items.filter((row) => this.lost(row));
    this.rows = new Map(items.map((row) => [row.id, row]));
    return lost;
  }

  /* Whether a task that was going on here is another's now. */
  lost(row) {
    const before = this.rows.get(row.id);
    return Boolean(before) && ACTIVE.has(before.status) && TAKEN.has(row.status);
  }

  /* What else can be done with a task, as moves. */
  others(row, category) {
    const status = this.statusOf(row);
    if (status !== "accepted" && status !== "on_scene") return [];
    const asked = row.incident.status === "extension_requested" || this.queue.movesOf(row.id).some(({ move }) => move === "extension");
    const at_work = AT_WORK.has(row.incident.status);
    const waits = (row.incident.clocks ?? []).some(({ resting }) => resting === "waiting");
    const can = { await: at_work && !waits, go_on: at_work && waits, whistle: at_work && row.whom !== "departments" && category?.departments?.length > 0, extension: at_work && !asked, return: true };
    return Object.keys(can).filter((move) => can[move]);
  }

  /* Take one task as it is now; true when it is an offer not seen before. */
  take(row) {
    const unknown = row.status === "offered" && this.rows.get(row.id)?.status !== "offered";
    this.rows.set(row.id, row);
    return unknown;
  }

  drop(id) {
    this.rows.delete(id);
  }

  /* Status as the person left it, whether the server knows yet or not. */
  statusOf(row) {
    const last = this.queue.movesOf(row.id).findLast(({ move }) => move === "finish" || move in LEADS_TO);
    if (!last) return row.status;
    return LEADS_TO[last.move] ?? last.body.result;
  }

  gone(row) {
    return this.statusOf(row) === "offered" && row.offer_expires_at && Date.parse(row.offer_expires_at) < now();
  }

  active() {
    const rows = [...this.rows.values()].filter((row) => ACTIVE.has(this.statusOf(row)) && !this.gone(row));
    const key = (row) => [FIRST[this.statusOf(row)], URGENCY[row.incident.urgency] ?? 9, Date.parse(row.offered_at)];
    return rows.sort((a, b) => key(a).map((value, i) => value - key(b)[i]).find(Boolean) ?? 0);
  }

  ended() {
    const rows = [...this.rows.values()].filter((row) => ["done", "failed"].includes(this.statusOf(row)));
    return rows.sort((a, b) => Date.parse(b.ended_at ?? now()) - Date.parse(a.ended_at ?? now()));
  }

  /* The one on the screen: an offer that runs, else the one picked, else the first. */
  current() {
    const active = this.active();
    const offer = active.find((row) => this.statusOf(row) === "offered");
    return active.find((row) => row.id === this.picked) ?? offer ?? active[0] ?? null;
  }
}
