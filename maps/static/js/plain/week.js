/* The week as a table: people by area, a column a day; on a phone each person is a block of seven days. */
import { $, el } from "../common/dom.js";
import { t, word } from "../common/texts.js";
import { clock, now } from "../common/time.js";
import { onDuty } from "./cover.js";
import { hours, long, short, weekday } from "./days.js";
import { badge } from "./words.js";

const DAY = 86400000; // ms; of a later end the clock would say the wrong thing

export function drawDays(days, today) {
  const head = (day) => el("th", { role: "columnheader", scope: "col", class: day === today ? "today" : null }, el("span", {}, weekday(day)), el("b", {}, short(day)));
  $("days").replaceChildren(el("tr", { role: "row" }, el("th", { role: "columnheader", scope: "col", class: "corner" }, t("roster.people")), ...days.map(head)));
}

function areaRow(person, columns, grid) {
  const there = grid ? el("span", { class: grid.on_duty ? "second" : "bare" }, onDuty(grid)) : "";
  const name = el("b", {}, person.area ? person.area_name : t("roster.no_area"));
  return el("tr", { role: "row", class: "area-row" }, el("th", { role: "rowheader", scope: "colgroup", colspan: columns }, name, there));
}

function nameOf(person, open) {
  const until = person.on_duty_until;
  const state = until ? badge("here", Date.parse(until) - now() < DAY ? t("roster.on_until", { time: clock(until) }) : t("roster.on_now")) : "";
  const second = [person.kind === "person" ? word("role", person.role) : word("kind", person.kind), person.code].join(" · ");
  const parts = [el("b", {}, person.name), el("span", { class: "second" }, second), state];
  return el("th", { role: "rowheader", scope: "row" }, open ? el("button", { class: "person-row", "data-of": `${person.id} `, onclick: () => open(person) }, ...parts) : el("span", { class: "person-row" }, ...parts));
}

function shiftsOf(day) {
  const why = day.changed ? el("span", { class: `why ${day.changed}` }, word("day", day.changed)) : "";
  const lines = day.shifts.length ? day.shifts.map((shift) => el("span", { class: "shift" }, hours(shift))) : [el("span", { class: "free" }, t("roster.off"))];
  return [...lines, why];
}

function cellOf(person, day, { today, chosen, open }) {
  const here = chosen?.id === person.id && chosen.day === day.day;
  const classes = [day.day === today ? "today" : "", day.shifts.length ? "on" : ""].join(" ").trim();
  const label = `${person.name} ${person.code}, ${long(day.day)}`;
  const inner = open ? el("button", { class: "cell", "data-of": `${person.id} ${day.day}`, "aria-current": here ? "true" : null, "aria-label": `${label}: ${day.shifts.map(hours).join(", ") || t("roster.off")}`, onclick: () => open(person, day) }, ...shiftsOf(day)) : el("div", { class: "cell" }, ...shiftsOf(day));
  return el("td", { role: "cell", class: classes || null }, inner);
}

/* `on` = {today, chosen, grids, person(person), open(person, day)}; without the last two nothing can be pressed. */
export function drawRows(people, on) {
  const rows = [];
  const grids = new Map(on.grids.map((grid) => [grid.code, grid]));
  let last;
  for (const person of people) {
    if (last === undefined || last !== person.area) rows.push(areaRow(person, person.days.length + 1, grids.get(person.area)));
    last = person.area;
    rows.push(el("tr", { role: "row" }, nameOf(person, on.person), ...person.days.map((day) => cellOf(person, day, on))));
  }
  $("rows").replaceChildren(...rows);
}
