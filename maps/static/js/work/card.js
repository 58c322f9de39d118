/* One task on the screen: address and minutes first, then what it is; the thumb has the next step. */
import { arrange, el, say, show } from "../common/dom.js";
import { splitAddress } from "../common/places.js";
import { incidentSign } from "../common/symbols.js";
import { distance, has, named, t, word } from "../common/texts.js";
import { clockOf, clockWords, needCalendar } from "../common/worktime.js";
import { ago, clock, countdown, now, overdue, sameDay, span, when } from "../common/time.js";

export function whereOf(incident) {
  return splitAddress(incident).near || incident.grid?.name || incident.nearest_grid?.name || t("work.no_address");
}

/* How it came to this person, and which part of the incident it is. */
function partOf({ unit, by_hand: chosen, whom, slot, status }) {
  const found = [];
  if (whom === "departments" && unit) found.push(status === "offered" ? t("work.called_in", { unit: unit.name }) : unit.name);
  else if (unit) found.push(status === "offered" ? t(chosen ? "work.by_hand_unit" : "work.of_unit", { unit: unit.name }) : t("work.unit_has_it", { unit: unit.name }));
  else if (chosen) found.push(t("work.by_hand"));
  else if (whom === "grid_leader" || whom === "duty_chief") found.push(t("work.climbed"));
  if (slot !== "lead" && has(`slot.${slot}`)) found.push(t("work.place", { place: t(`slot.${slot}`) }));
  return found.join(" · ");
}

/* What was said when it had been closed before: whoever goes again should know what was wrong. */
function judgedOf(said) {
  if (!said) return "";
  const first = t(said.solved ? "work.judged_solved" : "work.judged_not_solved", { n: said.stars });
  return said.words ? `${first}\n${said.words}` : first;
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
    this.part = el("p", { class: "part" });
    this.asked = el("p", { class: "second" });
    this.said = el("p", { class: "said" });
    this.judged = el("p", { class: "judged" });
    const times = el("p", { class: "times" }, this.left, this.due, this.away);
    const what = el("p", { class: "what" }, this.sign, this.what, this.tag);
    this.parts = [this.where, this.grid, times, what, this.part, this.said, this.judged, this.asked];
  }

  draw(row, status, categories, metres) {
    const { incident } = row;
    needCalendar();
    this.row = row;
    this.there = status === "on_scene";
    say(this.part, partOf({ ...row, status }));
    say(this.asked, incident.status === "extension_requested" ? t("work.asked_extension") : "");
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
    say(this.judged, judgedOf(incident.evaluation));
    show(this.judged, Boolean(incident.evaluation));
    const far = metres ?? row.metres;
    say(this.away, Number.isFinite(far) ? t("work.away", { d: distance(far) }) : "");
    arrange(this.box, this.parts);
    this.tick();
  }

  /* The minutes until somebody must be there, as long as that clock runs; else until it must be done. */
  tick() {
    if (!this.row?.incident.deadline) return;
    const { deadline, scene_due: scene } = this.row.incident;
    const toScene = Boolean(scene) && !this.there;
    const left = Date.parse(toScene ? scene : deadline) - now();
    const late = left <= 0;
    const words = clockWords(clockOf(this.row.incident, toScene ? "arrive" : "handle"));
    const key = toScene ? (late ? "work.scene_over" : "work.scene_left") : late ? "work.over" : "work.left";
    say(this.left, words ? words.why ?? words.text : t(key, { t: span(Math.abs(left)) }));
    this.left.classList.toggle("late", words ? words.late : late);
    this.left.classList.toggle("rests", Boolean(words?.rests));
    const first = toScene ? [t("work.scene_due", { time: clock(scene) })] : [];
    say(this.due, words?.rests ? words.left : [...first, t("work.due", { time: sameDay(deadline, now()) ? clock(deadline) : when(deadline) })].join(" · "));
  }
}

/* The big buttons for where the task stands; `act(move)` is what a press asks for. */
export class Thumb {
  constructor(box, act) {
    this.box = box;
    const button = (move, text, quiet) => el("button", { class: `big${quiet ? " quiet" : ""}`, onclick: () => act(move) }, t(text));
    this.bar = el("div", { class: "run" });
    this.left = el("p", { class: "run-left", role: "timer" });
    const more = button("more", "work.more", true);
    more.classList.add("more");
    this.sets = {
      offered: [this.left, this.bar, button("decline", "work.decline", true), button("accept", "work.accept")],
      called: [this.left, this.bar, button("decline", "work.decline", true), button("accept", "work.report_in")],
      accepted: [more, button("arrive", "work.arrive")],
      on_scene: [more, button("failed", "work.cannot", true), button("finish", "work.finish")],
    };
  }

  draw(row, status) {
    this.row = row;
    this.called = row?.whom === "departments";
    arrange(this.box, row ? (this.sets[this.called && status === "offered" ? "called" : status] ?? []) : []);
    this.box.dataset.status = row ? status : "none";
    show(this.box, Boolean(row));
    this.tick();
  }

  tick() {
    if (!this.row?.offer_expires_at) return;
    const { offered_at: from, offer_expires_at: until } = this.row;
    const share = (Date.parse(until) - now()) / (Date.parse(until) - Date.parse(from) || 1);
    this.bar.style.transform = `scaleX(${Math.min(1, Math.max(0, share)).toFixed(3)})`;
    say(this.left, t(this.called ? "work.left_to_report" : "work.left_to_accept", { left: countdown(until) }));
  }
}

/* The other tasks, one line each; a press puts one on the screen. */
function timeOf(incident) {
  const words = clockWords(clockOf(incident, "handle"));
  return words?.text ?? t(overdue(incident) ? "work.over" : "work.left", { t: span(Math.abs(Date.parse(incident.deadline) - now())) });
}

export function otherRow(row, { status, categories, pick }) {
  const { incident } = row;
  const name = named(categories.get(incident.category)) || incident.category;
  const time = row.ended_at ? ago(row.ended_at) : timeOf(incident);
  const parts = [
    incidentSign({ urgency: incident.urgency, overdue: !row.ended_at && overdue(incident) }),
    el("b", {}, whereOf(incident)),
    el("span", { class: "second" }, `${row.unit ? `${row.unit.name} · ` : ""}${name} · ${word("task", status)} · ${time}`),
  ];
  return el("li", {}, pick ? el("button", { class: "other", onclick: () => pick(row.id) }, ...parts) : el("div", { class: "other" }, ...parts));
}
