/* Picking one of many in a form: whom to send, or which incident is the original. */
import { get } from "../common/api.js";
import { arrange, el, say } from "../common/dom.js";
import { incidentSign, personSign } from "../common/symbols.js";
import { distance, t, word } from "../common/texts.js";
import { age } from "../common/time.js";
import { activeTasks } from "./acts.js";
import { whatOf, whereOf } from "./words.js";

const SHOWN = 8;
const LISTED = 12; // candidates seen without searching
const ABLE = new Set(["farther", "other_grid", "needed_elsewhere", "resting", "full", "exclusive"]); // could go, others come first
const EARTH = 6371008.8; // m, mean radius as in geo/nearest.py
let made = 0;

/* Great-circle metres between two things with lat and lng. */
export function metresBetween(a, b) {
  const rad = Math.PI / 180;
  const dx = (b.lng - a.lng) * rad * Math.cos(((a.lat + b.lat) / 2) * rad);
  return Math.hypot(dx, (b.lat - a.lat) * rad) * EARTH;
}

/* A list of radio buttons with a search above it; `find(text)` gives what to show, `line(item)` how. The choice outlives a search. */
class Pick {
  constructor({ title, hint, find, line }) {
    Object.assign(this, { find, line, chosen: null, known: new Map(), group: `pick-${(made += 1)}` });
    this.input = el("input", { type: "search", placeholder: hint, "aria-label": hint, autocomplete: "off", oninput: () => this.draw() });
    this.input.addEventListener("keydown", (event) => event.key === "Enter" && this.#take(event));
    this.list = el("div", { class: "picks" });
    this.empty = el("p", { class: "second" });
    this.node = el("fieldset", { class: "field" }, el("legend", { class: "field-name" }, title), this.input, this.list, this.empty);
  }

  draw() {
    const found = this.find(this.input.value.trim().toLowerCase());
    if (this.chosen && !found.some(({ id }) => id === this.chosen.id)) found.unshift(this.chosen);
    arrange(this.list, found.map((item) => this.#option(item)));
    say(this.empty, found.length ? "" : t("wall.nobody_found"));
  }

  choose(item) {
    this.chosen = item;
    this.draw();
    this.known.get(item.id).node.querySelector("input").checked = true;
    this.changed?.();
  }

  #option(item) {
    const before = this.known.get(item.id);
    const look = JSON.stringify(item);
    if (before?.look === look) return before.node;
    const checked = this.chosen?.id === item.id;
    const input = el("input", { type: "radio", name: this.group, value: item.id, checked, disabled: Boolean(item.on_it), onchange: () => ((this.chosen = item), this.changed?.()) });
    const node = el("label", { class: `option${item.good ? " goes" : ""}` }, input, ...this.line(item));
    this.known.set(item.id, { node, look });
    return node;
  }

  /* Enter in the search takes the first that was found; it does not send the form. */
  #take(event) {
    event.preventDefault();
    const first = this.find(this.input.value.trim().toLowerCase()).find(({ on_it: there }) => !there);
    if (first) this.choose(first);
  }
}

function workerLine({ name, code, second, metres, state, kind }) {
  const away = el("span", { class: "away" }, Number.isFinite(metres) ? distance(metres) : "–");
  const what = el("span", { class: "who-line" }, el("b", {}, name), " ", el("small", {}, code));
  return [personSign(state, kind), el("span", { class: "pick-text" }, what, el("span", { class: "second" }, second)), away];
}

function itemOf(known, row) {
  const metres = known.lat ? metresBetween(known, row) : NaN;
  const state = known.state ?? "lost";
  const role = known.kind === "person" ? word("role", known.role) : word("kind", known.kind);
  return { ...known, metres, state, second: `${role} · ${word("state", state)}` };
}

/* Whom to send for a place: in the rules' order with what speaks against each; searching finds everybody one may see. */
export class Candidates extends Pick {
  constructor(row, store, title = t("wall.whom_to_send")) {
    super({ title, hint: t("wall.search_worker"), find: (text) => this.#find(text), line: workerLine });
    Object.assign(this, { row, store, items: [], at_it: new Set(activeTasks(row).map(({ worker }) => worker?.id)) });
    this.read = () => (this.chosen ? { worker: this.chosen.id } : null);
  }

  /* Ask the server anew who could go for a place. */
  async load(slot) {
    say(this.empty, t("wall.loading"));
    const query = slot ? `?slot=${encodeURIComponent(slot)}` : "";
    try {
      const { items } = await get(`/api/incidents/${encodeURIComponent(this.row.id)}/candidates${query}`);
      this.items = items.map((item) => this.#item(item)).sort((a, b) => a.lacks - b.lacks); // stable: by distance within
    } catch {
      this.items = this.nearest();
    }
    this.draw();
  }

  /* Whoever stands nearest, where the server gave no order. */
  nearest() {
    const all = [...this.store.workers.values()].filter(({ state }) => state !== "off" && state !== "lost");
    return all.map((known) => itemOf(known, this.row)).sort((a, b) => a.metres - b.metres).slice(0, LISTED);
  }

  #item({ worker, metres, reason, shortfall, free }) {
    const known = this.store.known(worker.id) ?? worker;
    const on_it = this.at_it.has(worker.id);
    const why = on_it ? t("wall.on_it") : word("reason", reason ?? shortfall);
    const busy = on_it || free || shortfall === "full" || shortfall === "exclusive" ? "" : ` · ${t("wall.has_task")}`;
    const state = known.state ?? (free ? "free" : "busy");
    return { id: worker.id, code: worker.code, name: known.name ?? worker.code, kind: known.kind, state, metres: metres ?? NaN, good: Boolean(reason), second: why + busy, on_it, lacks: reason ? 0 : ABLE.has(shortfall) ? 1 : 2 };
  }

  #find(text) {
    if (!text) return this.items.slice(0, LISTED);
    const fits = ({ code, name = "" }) => `${code} ${name}`.toLowerCase().includes(text);
    const ranked = this.items.filter(fits);
    const ids = new Set(this.items.map(({ id }) => id));
    const rest = this.store.everybody().filter((known) => !ids.has(known.id) && fits(known)).map((known) => itemOf(known, this.row));
    rest.sort((a, b) => (a.metres || Infinity) - (b.metres || Infinity));
    return [...ranked, ...rest].slice(0, SHOWN);
  }
}

/* Which incident is the original: the same kind nearby first, or whichever is chosen in the list beside the map. */
export class Original extends Pick {
  constructor(row, store) {
    super({ title: t("wall.which_original"), hint: t("wall.search_incident"), find: (text) => this.#find(text), line: (item) => this.#line(item) });
    Object.assign(this, { row, store });
    this.read = () => (this.chosen ? { original: this.chosen.id } : null);
    this.draw();
  }

  take(id) {
    const incident = this.store.incidents.get(id);
    if (incident && id !== this.row.id) this.choose(incident);
  }

  #find(text) {
    const others = [...this.store.incidents.values()].filter(({ id }) => id !== this.row.id);
    const said = (one) => `${whatOf(one, this.store.categories)} ${whereOf(one)} ${one.description ?? ""}`.toLowerCase();
    const key = (one) => Number(one.category !== this.row.category) * 1e9 + metresBetween(one, this.row);
    return others.filter((one) => !text || said(one).includes(text)).sort((a, b) => key(a) - key(b)).slice(0, SHOWN);
  }

  #line(incident) {
    const sign = incidentSign({ urgency: incident.urgency, waiting: incident.waiting });
    const first = el("span", { class: "who-line" }, el("b", {}, whatOf(incident, this.store.categories)), " ", el("small", {}, age(incident.reported_at)));
    const second = el("span", { class: "second" }, whereOf(incident));
    return [sign, el("span", { class: "pick-text" }, first, second), el("span", { class: "away" }, distance(metresBetween(incident, this.row)))];
  }
}
