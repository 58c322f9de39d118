/* What the wall knows now: the board as fetched, kept true by the live link. */
import { FILTERS } from "./filters.js";

export const OVER = new Set(["closed", "rejected", "void", "duplicate"]);

export class Store {
  constructor() {
    this.incidents = new Map();
    this.workers = new Map();
    this.unseen = new Map(); // workers who were never seen and stand nowhere on the map
    this.categories = new Map();
    this.grids = new Map();
    this.figures = null;
    this.cut = false; // whether more was open than the board gave
    this.town = null;
    this.may = new Set(); // permissions the person looking holds
    this.fresh = new Set(); // ids that arrived over the live link since the last drawing
  }

  load(board) {
    this.town = board.town;
    this.figures = board.figures;
    this.may = new Set(board.may);
    this.categories = new Map(board.categories.map((category) => [category.code, category]));
    this.grids = new Map(board.grids.map((grid) => [grid.code, grid]));
    this.incidents = new Map(board.incidents.map((incident) => [incident.id, incident]));
    this.workers = new Map(board.workers.map((worker) => [worker.id, worker]));
    this.unseen = new Map(board.unseen.map((worker) => [worker.id, worker]));
    this.cut = board.figures.open > board.incidents.length;
    this.fresh.clear();
  }

  /* Take one incident as it is now; true when it was not known before. */
  incident(row) {
    if (OVER.has(row.status)) {
      this.incidents.delete(row.id);
      return false;
    }
    const unknown = !this.incidents.has(row.id);
    this.incidents.set(row.id, row);
    if (unknown) this.fresh.add(row.id);
    return unknown;
  }

  /* Take where workers are. With `within`, a box, they are all who are in it: whoever was thought to be there has gone nobody knows where. */
  move(workers, within) {
    const all = [...workers, ...(within ? this.#gone(new Set(workers.map(({ id }) => id)), within) : [])];
    for (const worker of all) this.workers.set(worker.id, { ...this.workers.get(worker.id), ...worker });
    return all;
  }

  #gone(there, within) {
    const [west, south, east, north] = within.split(",").map(Number);
    const inside = ({ lng, lat }) => lng >= west && lng <= east && lat >= south && lat <= north;
    const gone = [...this.workers.values()].filter((worker) => typeof worker.lat === "number" && inside(worker) && !there.has(worker.id));
    return gone.map(({ id }) => ({ id, lng: null, lat: null }));
  }

  /* Everybody one may see, on the map or not. */
  everybody() {
    return [...this.workers.values(), ...this.unseen.values()];
  }

  known(id) {
    return this.workers.get(id) ?? this.unseen.get(id);
  }

  /* The name of the worker or unit with a code, persons masked, or the code. */
  nameOf(code) {
    return this.everybody().find((worker) => worker.code === code)?.name ?? code;
  }

  departments() {
    return this.everybody().filter(({ kind }) => kind === "department");
  }

  /* The name of the department called in for a place, whose code the place bears. */
  departmentOf(slot) {
    const plain = ({ code }) => `dept_${code.toLowerCase().replace(/[^a-z0-9]/g, "_").slice(0, 50)}`;
    return this.departments().find((unit) => plain(unit) === slot)?.name;
  }

  /* Open incidents, newest first, those put by after all others. */
  open() {
    const put = ({ status }) => Number(status === "shelved");
    return [...this.incidents.values()].sort((a, b) => put(a) - put(b) || Date.parse(b.reported_at) - Date.parse(a.reported_at) || (a.id < b.id ? 1 : -1));
  }

  /* How many open incidents each filter lets through, and how many are emergencies. */
  count() {
    const open = [...this.incidents.values()];
    const counted = Object.entries(FILTERS).map(([name, lets]) => [name, open.filter((incident) => lets(incident)).length]);
    return { ...Object.fromEntries(counted), emergency: open.filter((incident) => incident.urgency === "emergency").length };
  }

  /* How many of a figure have no row here: the board gives the newest only, the figures count all. */
  beyond(name, rows) {
    return this.cut ? Math.max(0, (this.figures[name] ?? rows) - rows) : 0;
  }

  /* Open incidents per grid, by its code: a grid that was redrawn has a new id and is still the same. */
  perGrid() {
    const counts = new Map([...this.grids.keys()].map((code) => [code, 0]));
    for (const { grid } of this.incidents.values()) if (grid) counts.set(grid.code, (counts.get(grid.code) ?? 0) + 1);
    return counts;
  }
}
