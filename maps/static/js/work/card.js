/* One task on the screen: address and minutes first, then what it is; the thumb has the next step. */
import { arrange, el, say, show } from "../common/dom.js";
import { splitAddress } from "../common/places.js";
import { incidentSign } from "../common/symbols.js";
import { distance, named, t, word } from "../common/texts.js";
import { ago, clock, countdown, now, overdue, span } from "../common/time.js";

export function whereOf(incident) {
  return splitAddress(incident).near || incident.grid?.name || incident.nearest_grid?.name || t("work.no_address");
}

export class Card {
  constructor(box) {
    this.box = box;
    this.where = el("h2", { class: "where" });
    this.grid = el("p", { class: "second" });
    this.left = el("b", { class: "minutes" });
    this.due = el("span", { class: "second" });
    this.away = el("span", { class: "away" });
    this.sign = el("span", { class: "what-sign" });
    this.what = el("b", {});
    this.tag = el("span", { class: "tag" });
    this.said = el("p", { class: "said" });
    const times = el("p", { class: "times" }, this.left, this.due, this.away);
    const what = el("p", { class: "what" }, this.sign, this.what, this.tag);
    this.parts = [this.where, this.grid, times, what, this.said];
  }

  draw(row, categories, metres) {
    const { incident } = row;
    this.row = row;
    say(this.where, whereOf(incident));
    const { wide } = splitAddress(incident);
    const outside = incident.nearest_grid ? t("work.outside") : ""; // neither: the grid is not this person's to see
    const grid = incident.grid ? (incident.address ? incident.grid.name : "") : outside;
    say(this.grid, [wide, grid].filter(Boolean).join(" · "));
    const sign = `${incident.urgency}${overdue(incident)}`;
    if (sign !== this.signed) this.sign.replaceChildren(incidentSign({ urgency: incident.urgency, overdue: overdue(incident) }));
    this.signed = sign;
    say(this.what, named(categories.get(incident.category)) || incident.category);
    say(this.tag, word("urgency", incident.urgency));
    this.tag.className = `tag ${incident.urgency}`;
    say(this.said, incident.description ?? "");
    const far = metres ?? row.metres;
    say(this.away, Number.isFinite(far) ? t("work.away", { d: distance(far) }) : "");
    arrange(this.box, this.parts);
    this.tick();
  }

  tick() {
    if (!this.row?.incident.deadline) return;
    const late = overdue(this.row.incident);
    const { deadline } = this.row.incident;
    say(this.left, t(late ? "work.over" : "work.left", { t: span(Math.abs(Date.parse(deadline) - now())) }));
    this.left.classList.toggle("late", late);
    say(this.due, t("work.due", { time: clock(deadline) }));
  }
}

/* The big buttons for where the task stands; `act(move)` is what a press asks for. */
export class Thumb {
  constructor(box, act) {
    this.box = box;
    const button = (move, text, quiet) => el("button", { class: `big${quiet ? " quiet" : ""}`, onclick: () => act(move) }, t(text));
    this.bar = el("div", { class: "run" });
    this.left = el("p", { class: "run-left", role: "timer" });
    this.sets = {
      offered: [this.left, this.bar, button("decline", "work.decline", true), button("accept", "work.accept")],
      accepted: [button("arrive", "work.arrive")],
      on_scene: [button("failed", "work.cannot", true), button("finish", "work.finish")],
    };
  }

  draw(row, status) {
    this.row = row;
    arrange(this.box, row ? (this.sets[status] ?? []) : []);
    this.box.dataset.status = row ? status : "none";
    show(this.box, Boolean(row));
    this.tick();
  }

  tick() {
    if (!this.row?.offer_expires_at) return;
    const { offered_at: from, offer_expires_at: until } = this.row;
    const share = (Date.parse(until) - now()) / (Date.parse(until) - Date.parse(from) || 1);
    this.bar.style.transform = `scaleX(${Math.min(1, Math.max(0, share)).toFixed(3)})`;
    say(this.left, t("work.left_to_accept", { left: countdown(until) }));
  }
}

/* The other tasks, one line each; a press puts one on the screen. */
export function otherRow(row, { status, categories, pick }) {
  const { incident } = row;
  const name = named(categories.get(incident.category)) || incident.category;
  const when = row.ended_at ? ago(row.ended_at) : t(overdue(incident) ? "work.over" : "work.left", { t: span(Math.abs(Date.parse(incident.deadline) - now())) });
  const parts = [
    incidentSign({ urgency: incident.urgency, overdue: !row.ended_at && overdue(incident) }),
    el("b", {}, whereOf(incident)),
    el("span", { class: "second" }, `${name} · ${word("task", status)} · ${when}`),
  ];
  return el("li", {}, pick ? el("button", { class: "other", onclick: () => pick(row.id) }, ...parts) : el("div", { class: "other" }, ...parts));
}
