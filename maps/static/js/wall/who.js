/* Who is at an incident: every place that somebody fills or should fill, and the clocks that run. */
import { arrange, el, say } from "../common/dom.js";
import { incidentSign, personSign } from "../common/symbols.js";
import { t, word } from "../common/texts.js";
import { clock, countdown, now, overdue, span, when } from "../common/time.js";
import { clockOf, clockWords, needCalendar, otherClocks } from "../common/worktime.js";
import { placeOf, sentence, slotOf, workerOf } from "./words.js";

const NEAR = 600000; // ms before a limit from which seconds count

const NOBODY = () => incidentSign({ urgency: "none", waiting: true });

/* The rung a place has climbed to, where it is not the first. */
function rungOf({ whom, state }, { task }) {
  const rung = state === "taken" && task ? task.whom : whom;
  if (!rung || rung === "ranked" || rung === "departments") return "";
  return rung === "centre" ? t("wall.at_centre") : t("wall.climbed_to", { whom: word("whom", rung) });
}

export class Who {
  constructor(store) {
    this.store = store;
    this.node = el("ul", { class: "places" });
    this.states = [];
  }

  draw(row) {
    const needs = row.needs ?? [];
    this.states = [];
    this.alone = needs.length === 1;
    this.put_by = row.status === "shelved";
    arrange(this.node, needs.length ? needs.map((need) => this.#place(need)) : [el("li", { class: "nobody" }, t(row.waiting ? "wall.not_sent" : "word.none"))]);
  }

  tick() {
    for (const { node, need } of this.states) say(node, this.#state(need));
  }

  /* What waits for the command centre does not while the incident is put by. */
  #state(need) {
    return this.put_by && need.state === "held" ? t("status.shelved") : placeOf(need);
  }

  #place(need) {
    const { task, slot, responder, state } = need;
    const has = task && (state === "taken" || state === "done");
    const kind = has ? task.worker?.kind ?? responder : responder;
    const sign = has ? personSign(task.status === "on_scene" || task.status === "accepted" ? "busy" : "free", kind) : NOBODY();
    const called = slot.startsWith("dept_");
    const place = called ? t("wall.called_in") : slot === "lead" && this.alone ? "" : slotOf(slot, responder);
    const node = el("span", { class: "place-state" });
    const nobody = (called && this.store.departmentOf(slot)) || t(`wall.nobody_${state}`);
    const name = has ? sentence(workerOf(task)) : nobody;
    this.states.push({ node, need });
    say(node, this.#state(need));
    const code = has && task.worker && kind === "person" ? el("small", {}, task.worker.code) : "";
    const hand = has && task.by_hand ? el("span", { class: "by-hand" }, t("wall.by_hand")) : "";
    const rung = rungOf(need, need);
    const about = [place, need.skill && !has ? word("skill", need.skill) : "", rung].filter(Boolean).join(" · ");
    return el(
      "li",
      { class: `place-${state}` },
      sign,
      el("p", { class: "place-who" }, el("b", {}, name), " ", code, hand),
      node,
      about ? el("p", { class: "second" }, sentence(about)) : "",
    );
  }
}

/* A limit as a line: what, when, how long still or how long over; `met` is when it was kept. */
export class Limit {
  constructor(name) {
    this.name = name;
    this.left = el("span", { class: "limit" });
    this.due = el("span", { class: "second" });
    this.node = el("p", { class: "limit-line" }, this.due, " ", this.left);
  }

  tick({ due, met, over, running, timed }) {
    const left = Date.parse(due) - now();
    const words = running && !met ? clockWords(timed) : null;
    say(this.due, words?.rests ? t(`wall.${this.name}_rests`) : t(`wall.${this.name}`, { time: when(due) }));
    let text = "";
    if (words) text = words.text;
    else if (met) text = t("wall.scene_met", { time: clock(met), t: span(Date.parse(met) - Date.parse(over)) });
    else if (running && left <= 0) text = t("wall.over", { t: span(-left) });
    else if (running) text = t("wall.left", { t: left < NEAR ? countdown(due) : span(left) });
    say(this.left, text);
    this.left.classList.toggle("late", met ? Date.parse(met) > Date.parse(due) : words ? words.late : running && left <= 0);
    this.left.classList.toggle("rests", Boolean(words?.rests));
    this.left.classList.toggle("kept", Boolean(met) && Date.parse(met) <= Date.parse(due));
  }
}

const ENDED = new Set(["closed", "rejected", "void", "duplicate"]);

/* The clocks of an incident: until it is done, until the first is on scene, and of the step it is at. */
export class Clocks {
  constructor() {
    this.deadline = new Limit("deadline");
    this.scene = new Limit("scene_due");
    this.steps = new Map(["receive", "dispatch", "verify"].map((step) => [step, new Limit(`clock_${step}`)]));
    this.node = el("div", { class: "limits" });
  }

  draw(row) {
    needCalendar();
    const steps = otherClocks(row).map(({ step }) => this.steps.get(step).node);
    arrange(this.node, [...(row.deadline ? [this.deadline.node] : []), ...(row.scene_due ? [this.scene.node] : []), ...steps]);
    this.tick(row);
  }

  tick(row) {
    const open = !ENDED.has(row.status);
    if (row.deadline) this.deadline.tick({ due: row.deadline, running: open && (overdue(row) || Date.parse(row.deadline) > now() || Boolean(clockWords(clockOf(row, "handle")))), timed: clockOf(row, "handle") });
    if (row.scene_due) this.scene.tick({ due: row.scene_due, met: row.first_on_scene_at, over: row.reported_at, running: open && row.status !== "handled", timed: clockOf(row, "arrive") });
    for (const one of otherClocks(row)) this.steps.get(one.step).tick({ due: one.due, running: open, timed: one });
  }
}
