/* What the wall knows now: the board as fetched, kept true by the live link. */
import { overdue } from "../common/time.js";

const OVER = new Set(["closed", "rejected", "void", "duplicate"]);

export class Store {
  constructor() {
    this.incidents = new Map();
    this.workers = new Map();
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

  move(workers) {
    for (const worker of workers) this.workers.set(worker.id, { ...this.workers.get(worker.id), ...worker });
  }

  /* The masked name of the worker with a code, or the code. */
  nameOf(code) {
    for (const worker of this.workers.values()) if (worker.code === code) return worker.name;
    return code;
  }

  /* Open incidents, newest first. */
  open() {
    return [...this.incidents.values()].sort((a, b) => Date.parse(b.reported_at) - Date.parse(a.reported_at) || (a.id < b.id ? 1 : -1));
  }

  count() {
    const open = [...this.incidents.values()];
    return {
      all: open.length,
      waiting: open.filter((incident) => incident.waiting).length,
      overdue: open.filter((incident) => overdue(incident)).length,
      to_close: open.filter((incident) => incident.status === "handled").length,
      emergency: open.filter((incident) => incident.urgency === "emergency").length,
    };
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
