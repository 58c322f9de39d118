/* The roster: a week of everybody one may see, who is on duty now in each grid, and what a duty chief changes. */
import { get } from "../common/api.js";
import { $, el, say, show } from "../common/dom.js";
import { t } from "../common/texts.js";
import { cover, drawAreas, drawBlind } from "./cover.js";
import { long, monday, plus, short } from "./days.js";
import { tell, why } from "./form.js";
import { enter, leave } from "./frame.js";
import { Pane } from "./pane.js";
import { dayParts, personParts } from "./shift-day.js";
import { drawDays, drawRows } from "./week.js";

const AT_ONCE = 200;
const PAUSE = 250; // ms after the last key before a search
const EVERY = 60000; // ms; who is on duty now changes with the clock
const DAYS = 7;

let manages = false;
let first = null; // Monday of the week shown
let today = null;
let people = [];
let grids = []; // of the whole reach, whichever is chosen
let next = null;
let asked = 0;
let chosen = null; // {id, day}
const pane = new Pane($("pane"), (box) => {
  const left = chosen;
  chosen = null;
  box.show(null, t("roster.cover"), cover(grids, choose));
  if (today) draw();
  if (left) box.from = buttonOf(left);
});

const buttonOf = ({ id, day }) => $("rows").querySelector(`[data-of="${id} ${day ?? ""}"]`);

function choose(code) {
  $("area").value = code;
  pane.close();
  read();
}

function draw() {
  const focused = document.activeElement?.dataset?.of;
  const can = manages ? { person: openPerson, open: openDay } : {};
  say($("span"), `${short(first)} – ${short(plus(first, DAYS - 1))}`);
  drawDays(Array.from({ length: DAYS }, (_, n) => plus(first, n)), today);
  drawRows(people, { today, chosen, grids, ...can });
  if (focused) $("rows").querySelector(`[data-of="${focused}"]`)?.focus({ preventScroll: true });
  tell($("empty"), people.length ? "" : t($("search").value.trim() || $("area").value ? "roster.nobody_found" : "roster.nobody_there"));
  show($("week"), people.length > 0);
  show($("more"), next !== null);
}

function take(told, after) {
  ({ today, next } = told);
  first ??= monday(today);
  people = after ? [...people, ...told.items] : told.items;
  if (!$("area").value) {
    grids = told.grids;
    drawAreas($("area"), grids, "");
  } else {
    grids = grids.map((grid) => told.grids.find((one) => one.code === grid.code) ?? grid);
  }
  drawBlind(grids, choose);
  if (!pane.subject) pane.rest(pane);
  else draw();
}

/* Read the week anew, or what comes after a code. */
async function read(after = null) {
  const mine = (asked += 1);
  const query = new URLSearchParams({ days: DAYS, limit: AT_ONCE });
  const values = { from: first, area: $("area").value, search: $("search").value.trim(), after };
  for (const [name, value] of Object.entries(values)) if (value) query.set(name, value);
  try {
    const told = await get(`/api/roster?${query}`);
    if (mine !== asked) return;
    if (!first && told.from !== monday(told.today)) {
      first = monday(told.today);
      await read();
      return;
    }
    tell($("trouble"), "");
    take(told, after);
  } catch (problem) {
    if (problem.status === 401) leave();
    if (mine === asked) tell($("trouble"), why(problem));
  }
}

async function done(text) {
  say($("said"), text);
  await read();
  const person = people.find((one) => one.id === chosen?.id);
  const day = person?.days.find((one) => one.day === chosen.day);
  if (person && day) openDay(person, day, text);
  else if (person) await openPerson(person, text);
  else pane.close();
}

const goodLine = (text) => (text ? [el("p", { class: "good" }, text)] : []);

function openDay(person, day, text) {
  chosen = { id: person.id, day: day.day };
  pane.open(`${person.id} ${day.day}`, `${person.name} · ${long(day.day)}`, [...goodLine(text), ...dayParts(person, day, people, done)]);
  draw();
}

async function openPerson(person, text) {
  chosen = { id: person.id, day: null };
  try {
    pane.open(person.id, `${person.name} · ${person.code}`, [...goodLine(text), ...(await personParts(person, done))]);
    draw();
  } catch (problem) {
    if (problem.status === 401) leave();
    tell($("trouble"), why(problem));
  }
}

function turn(days) {
  first = days === null ? monday(today) : plus(first, days);
  pane.close();
  read();
}

let waiting;
$("search").addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => read(), PAUSE);
});
$("area").addEventListener("change", () => choose($("area").value));
$("before").addEventListener("click", () => turn(-DAYS));
$("after").addEventListener("click", () => turn(DAYS));
$("today").addEventListener("click", () => turn(null));
$("more").addEventListener("click", () => read(next));
$("show-cover").addEventListener("click", () => pane.open("cover", t("roster.cover"), cover(grids, choose)));

enter("worker.view", async (me) => {
  manages = me.permissions.includes("roster.manage");
  await read();
  setInterval(() => document.hidden || pane.subject || next !== null || read(), EVERY);
});
