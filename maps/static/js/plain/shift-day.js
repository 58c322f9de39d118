/* One person's day in the pane: change it, restore it, swap it; and the person's weekly pattern. */
import { call, get, post } from "../common/api.js";
import { el, show } from "../common/dom.js";
import { t, word } from "../common/texts.js";
import { hours, long } from "./days.js";
import { attempt, field, form, input, tell, trouble } from "./form.js";
import { Shifts } from "./shifts.js";
import { moment } from "./words.js";

const REASONS = ["leave", "changed", "extra"];

const pathOf = (person) => `/api/workers/${encodeURIComponent(person.id)}`;

/* A button that does one thing and says in `box` when it is refused. */
const deed = (text, box, job, kind = "button") => {
  const button = el("button", { type: "button", class: kind }, text);
  button.addEventListener("click", () => attempt(button, box, job));
  return button;
};

function reasonsOf(chosen, changed) {
  const pick = (reason) => el("input", { type: "radio", name: "reason", value: reason, checked: reason === chosen, onchange: () => changed(reason) });
  return el("fieldset", { class: "choices" }, el("legend", { class: "unseen" }, t("roster.reason")), ...REASONS.map((reason) => el("label", {}, pick(reason), el("span", {}, word("day", reason)))));
}

function changeForm(person, day, done) {
  let reason = "leave";
  const shifts = new Shifts(day.shifts);
  const hint = el("p", { class: "hint" });
  const draw = (chosen) => {
    reason = chosen;
    show(shifts.node, reason !== "leave");
    tell(hint, t(`roster.${reason}_say`));
  };
  draw(reason);
  return form([reasonsOf(reason, draw), hint, shifts.node], el("button", { class: "button main" }, t("roster.save_day")), async () => {
    await post(`${pathOf(person)}/days`, { day: day.day, reason, shifts: reason === "leave" ? [] : shifts.value });
    await done(t("roster.day_saved"));
  });
}

function swapForm(person, day, people, done) {
  const others = people.filter((other) => other.id !== person.id && other.kind === person.kind);
  const options = others.map((other) => el("option", { value: other.id }, [other.name, other.code, other.area_name].filter(Boolean).join(" · ")));
  const pick = el("select", { required: true }, el("option", { value: "" }, t("roster.choose_person")), ...options);
  const theirs = input({ type: "date", required: true, value: day.day });
  const parts = [field(t("roster.swap_with"), pick), field(t("roster.swap_day"), theirs, t("roster.swap_day_hint"))];
  return form(parts, el("button", { class: "button" }, t("roster.swap")), async () => {
    const answer = await post("/api/roster/swaps", { day: day.day, worker: person.id, with: pick.value, with_day: theirs.value });
    const lacking = answer.lacking.map((one) => t("roster.lacking", { day: long(one.day), skills: one.skills.join(", ") }));
    await done([t("roster.swapped"), ...lacking].join(" "));
  });
}

/* The parts of a day; `done(text)` reads the roster anew and says what was done. */
export function dayParts(person, day, people, done) {
  const box = trouble();
  const now = el("p", { class: "now" }, day.shifts.map(hours).join(", ") || t("roster.off"), day.changed ? ` (${word("day", day.changed)})` : "");
  const restore = async () => {
    await call("DELETE", `${pathOf(person)}/days/${day.day}`);
    await done(t("roster.day_restored"));
  };
  const back = async () => {
    await call("DELETE", `/api/roster/swaps/${encodeURIComponent(day.swap)}`);
    await done(t("roster.swap_back_done"));
  };
  const undo = [day.changed && day.changed !== "swap" ? deed(t("roster.restore_day"), box, restore) : "", day.swap ? deed(t("roster.swap_back"), box, back) : ""].filter(Boolean);
  const swap = day.shifts.length ? [el("h3", {}, t("roster.swap")), swapForm(person, day, people, done)] : [];
  return [now, ...(undo.length ? [el("div", { class: "buttons" }, ...undo)] : []), box, el("h3", {}, t("roster.change_day")), changeForm(person, day, done), ...swap];
}

/* The parts of a person: the week that comes back, and for what the person is spoken for. */
export async function personParts(person, done) {
  const told = await get(`${pathOf(person)}/roster`);
  const box = trouble();
  const shifts = new Shifts(told.patterns, { weekly: true, most: 50 });
  const weekly = form([el("p", { class: "hint" }, t("roster.week_say")), shifts.node], el("button", { class: "button main" }, t("roster.save_week")), async () => {
    await call("PUT", `${pathOf(person)}/roster`, { patterns: shifts.value });
    await done(t("roster.week_saved"));
  });
  const release = (one) => async () => {
    await call("DELETE", `/api/reservations/${encodeURIComponent(one.id)}`);
    await done(t("roster.released"));
  };
  const held = told.reservations.map((one) => el("li", {}, el("div", {}, el("b", {}, one.purpose), el("span", { class: "second" }, `${moment(one.from)} – ${moment(one.until)}`)), deed(t("roster.release"), box, release(one))));
  return [el("h3", {}, t("roster.weekly")), weekly, ...(held.length ? [el("h3", {}, t("roster.reserved")), box, el("ul", { class: "tokens" }, ...held)] : [])];
}
