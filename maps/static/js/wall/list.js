/* The list of incidents: one row each, two lines, the same row everywhere; rows are kept, only their words change. */
import { arrange, el, say, show } from "../common/dom.js";
import { incidentSign } from "../common/symbols.js";
import { t } from "../common/texts.js";
import { age, overdue, span, now } from "../common/time.js";
import { stateOf, whatOf, whereOf } from "./words.js";

const MOST = 200; // rows drawn at once; beyond that a person filters

export class Row {
  constructor(open) {
    this.sign = el("span", { class: "row-sign" });
    this.what = el("b", { class: "row-what" });
    this.late = el("span", { class: "row-late" });
    this.age = el("time", { class: "row-age" });
    this.where = el("span", { class: "row-where" });
    this.state = el("span", { class: "row-state" });
    const first = el("span", { class: "row-line" }, this.what, this.late, this.age);
    const second = el("span", { class: "row-line" }, this.where, this.state);
    this.button = el("button", { class: "row", onclick: () => open(this.incident.id) }, this.sign, first, second);
    this.node = el("li", {}, this.button);
  }

  draw(incident, categories) {
    const late = overdue(incident);
    const look = `${incident.urgency}${incident.waiting}${late}`;
    if (look !== this.look) {
      this.look = look;
      this.sign.replaceChildren(incidentSign({ urgency: incident.urgency, waiting: incident.waiting, overdue: late }));
    }
    this.incident = incident;
    say(this.what, whatOf(incident, categories));
    say(this.where, whereOf(incident));
    this.where.title = incident.address ?? "";
    this.button.classList.toggle("waiting", Boolean(incident.waiting));
    this.button.classList.toggle("to-close", incident.status === "handled");
    this.node.classList.toggle("put-by", incident.status === "shelved");
    this.node.dataset.apart = t("wall.shelved");
    this.tick();
  }

  /* What runs: age, time over the limit, time left to accept. */
  tick() {
    const { deadline, reported_at: reported } = this.incident;
    const late = overdue(this.incident);
    say(this.age, age(reported));
    say(this.late, late ? t("wall.over", { t: span(now() - Date.parse(deadline)) }) : "");
    show(this.late, late);
    say(this.state, stateOf(this.incident));
  }
}

export class List {
  constructor({ rows, note }, open) {
    this.rows = rows;
    this.note = note;
    this.open = open;
    this.known = new Map();
    this.more = el("li", { class: "more" });
    rows.addEventListener("keydown", (event) => this.#keys(event));
  }

  /* Outlines of rows while the first board is on its way. */
  loading() {
    arrange(this.rows, Array.from({ length: 8 }, () => el("li", { class: "outline", "aria-hidden": "true" })));
    show(this.note, false);
  }

  draw(incidents, categories, { chosen, fresh, empty, beyond }) {
    const nodes = incidents.slice(0, MOST).map((incident) => {
      const row = this.known.get(incident.id) ?? new Row(this.open);
      const unknown = !this.known.has(incident.id);
      this.known.set(incident.id, row);
      row.draw(incident, categories);
      row.button.classList.toggle("chosen", incident.id === chosen);
      row.button.setAttribute("aria-current", String(incident.id === chosen));
      if (unknown && fresh.has(incident.id)) row.button.classList.add("fresh");
      return row.node;
    });
    const rest = incidents.length - nodes.length + beyond;
    if (rest > 0) {
      say(this.more, t("wall.more_rows", { n: rest }));
      nodes.push(this.more);
    }
    arrange(this.rows, nodes);
    this.#forget(new Set(incidents.map((incident) => incident.id)));
    show(this.note, !incidents.length);
    if (!incidents.length) this.note.replaceChildren(...empty());
  }

  tick() {
    for (const row of this.known.values()) if (row.node.isConnected) row.tick();
  }

  focus(id) {
    this.known.get(id)?.button.focus();
  }

  #forget(kept) {
    for (const id of this.known.keys()) if (!kept.has(id)) this.known.delete(id);
  }

  #keys(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...this.rows.querySelectorAll("button")];
    buttons[buttons.indexOf(document.activeElement) + step]?.focus();
  }
}
