/* The wall: fetch the board, draw it, keep it true over the live link, open what is clicked. */
import { get, NoNetwork } from "../common/api.js";
import { $, calm, el, say, show, soon } from "../common/dom.js";
import { Live } from "../common/live.js";
import { incidentSign, personSign } from "../common/symbols.js";
import { t, town as here } from "../common/texts.js";
import { ago, clock, date, now, overdue, sameDay, setClock } from "../common/time.js";
import { People } from "../map/people.js";
import { Signs } from "../map/signs.js";
import { startMap } from "../map/start.js";
import { Case } from "./case.js";
import { Drawer } from "./drawer.js";
import { FILTERS, offered } from "./filters.js";
import { Figures } from "./figures.js";
import { Legend } from "./legend.js";
import { List } from "./list.js";
import { drawGrid, drawMany, drawPeople, drawPerson } from "./panels.js";
import { Reach } from "./reach.js";
import { OVER, Store } from "./store.js";
import { Strip } from "./strip.js";
import { View } from "./view.js";
import { seesWorkers, whatOf, whereOf } from "./words.js";

const RETRY = 10000; // ms

const store = new Store();
const { map, town, names, colours, optionsOf } = startMap();
const people = new People(colours).addTo(map);
const [list, strip] = [new List({ rows: $("rows"), note: $("note") }, openCase), new Strip($("strip"))];
const drawer = new Drawer(closed, () => open?.hand.cancel());
const view = new View(map);
const figures = new Figures($("figures"), pickFigure);
const legend = new Legend($("signs"), optionsOf("grids").steps);
let signs;
let filter = "all";
let open = null; // the Case in the drawer
let past = null; // {title, rows}: today's reported or closed, fetched on demand
let lostSince = null;
let fitted = false;
let retry;
let written = ""; // where signs stood when names were last laid around them

function shade() {
  const { steps } = optionsOf("grids");
  const step = (count) => steps.findLastIndex((from) => count >= from);
  town.shade(new Map([...store.perGrid()].map(([code, count]) => [code, step(count)])));
}

function emptyNote() {
  if (filter !== "all" || past) return [el("p", {}, t("wall.nothing_kind"))];
  const last = store.figures?.last_closed_at;
  return [el("p", { class: "calm" }, t("wall.nothing")), last ? el("p", {}, t("wall.nothing_last", { t: ago(last) })) : ""];
}

function shown() {
  if (past) return past.rows;
  return store.open().filter((incident) => FILTERS[filter](incident));
}

/* Rows of a filter that are open but were not given. */
const beyond = (name, count) => store.beyond(name === "all" ? "open" : name, count[name]);

function drawChips(count) {
  const chip = (name) => {
    const pressed = String(filter === name && !past);
    return el("button", { class: "chip", "aria-pressed": pressed, onclick: () => pick(name) }, t(`wall.${name}`), el("b", {}, String(count[name] + beyond(name, count))));
  };
  const clear = past ? [el("button", { class: "chip only", onclick: () => pick("all"), title: t("wall.clear") }, `${past.title} ×`)] : [];
  const focused = [...$("chips").children].indexOf(document.activeElement);
  $("chips").replaceChildren(...offered(count, filter).map(chip), ...clear);
  $("chips").children[focused]?.focus();
}

function draw() {
  if (!store.figures) return;
  const count = store.count();
  figures.draw(store.figures, count, past?.name ?? (filter === "all" ? null : filter));
  drawChips(count);
  list.draw(shown(), store.categories, { chosen: open?.id, fresh: store.fresh, empty: emptyNote, beyond: past ? 0 : beyond(filter, count) });
  signs?.set(store.open(), new Set(store.fresh));
  store.fresh.clear();
  shade();
  drawLegend();
  const places = JSON.stringify(signs?.places() ?? []);
  if (places !== written) names.later();
  written = places;
}
const drawSoon = soon(draw);

function drawLegend() {
  const grouped = signs ? [...signs.shown.values()].some(({ look }) => look.count > 1) : false;
  legend.draw({ map, levels: town.levels() }, store.open(), store.workers.values(), grouped);
}

function pick(name) {
  filter = name;
  past = null;
  draw();
}

async function pickFigure(name) {
  if (name === "free") return openPeople();
  if (name in FILTERS || name === "open") return pick(name === "open" || filter === name ? "all" : name);
  const query = name === "closed_today" ? "status=closed&open=false&limit=200" : "open=false&limit=200";
  const key = name === "closed_today" ? "closed_at" : "reported_at";
  try {
    const { items } = await get(`/api/incidents?${query}`);
    pick("all");
    past = { name, title: t(`wall.${name}`), rows: items.filter((row) => row[key] && sameDay(row[key], now())) };
    draw();
  } catch (problem) {
    banner(`${t("wall.broken")} ${problem.code ? t("word.code", { code: problem.code }) : ""}`);
  }
  return undefined;
}

/* ---- what the drawer shows ---- */
function closed() {
  people.bright = null;
  people.draw();
  leaveCase();
}

function leaveCase() {
  open = null;
  town.choose(null);
  signs?.choose(null);
  draw();
}

/* What the drawer learned of its incident: on the list at once, and off it where it has ended. */
function learned(row) {
  if (OVER.has(row.status) || store.incidents.has(row.id)) store.incident(row);
  drawSoon();
}

async function openCase(id) {
  if (open && open.id !== id && open.hand.picks(id)) return;
  const row = store.incidents.get(id) ?? past?.rows.find((other) => other.id === id) ?? (await get(`/api/incidents/${encodeURIComponent(id)}`).catch(() => null));
  if (!row) return;
  open = new Case(id, store, { changed: learned, open: openCase });
  open.more = store.incidents.has(id) ? null : { areas: [], history: [], candidates: [], ...row };
  drawer.open({ kind: "case", id }, whatOf(row, store.categories), incidentSign({ urgency: row.urgency, waiting: row.waiting, overdue: overdue(row) }), (body) => open.draw(body));
  open.load();
  signs?.choose(id);
  town.choose(row.grid?.code ?? null);
  view.goTo(row, 16);
  draw();
}

function openMany(ids) {
  const rows = ids.map((id) => store.incidents.get(id)).filter(Boolean);
  view.apart(rows);
  const title = t("wall.together", { n: rows.length });
  leaveCase();
  const current = () => ids.map((id) => store.incidents.get(id)).filter(Boolean);
  drawer.open({ kind: "many" }, title, null, (body) => drawMany(body, { incidents: current(), categories: store.categories, open: openCase }));
}

function openGrid(properties) {
  const grid = store.grids.get(properties.code) ?? properties;
  const inGrid = () => [...store.workers.values()].filter((worker) => worker.lat && town.gridAt([worker.lat, worker.lng])?.code === grid.code);
  const incidents = () => store.open().filter((incident) => incident.grid?.code === grid.code);
  const fill = (body) => drawGrid(body, { grid, incidents: incidents(), people: store.may.has("worker.view") ? inGrid() : null, categories: store.categories, open: openCase });
  leaveCase();
  drawer.open({ kind: "grid", id: grid.code }, grid.name, null, fill);
  town.choose(grid.code);
}

function openPeople() {
  const free = () => [...store.workers.values()].filter((worker) => worker.state === "free");
  people.bright = new Set(["free"]);
  people.draw();
  drawer.open({ kind: "people" }, t("wall.free_people"), personSign("free"), (body) => drawPeople(body, { people: free(), go: (person) => person.lat && view.goTo(person) }));
}

function openPerson(person) {
  const current = () => store.workers.get(person.id) ?? person;
  drawer.open({ kind: "person", id: person.id }, person.name, personSign(person.state, person.kind), (body) => drawPerson(body, { person: current() }));
}

/* ---- the live link ---- */
function banner(text) {
  say($("banner"), text);
  show($("banner"), Boolean(text));
  document.body.classList.toggle("with-banner", Boolean(text));
}

function tellLost() {
  if (lostSince !== null) banner(t("wall.lost", { time: clock(lostSince, true), age: ago(new Date(lostSince).toISOString()) }));
}

function announce(row) {
  const text = t("wall.new", { what: whatOf(row, store.categories), where: whereOf(row) });
  say($(row.urgency === "emergency" ? "shouted" : "said"), text);
}

const live = new Live({
  incident(row) {
    if (store.incident(row)) announce(row);
    if (drawer.shows("case", row.id)) open?.load();
    drawSoon();
  },
  workers(rows, within) {
    people.change(store.move(rows, within));
  },
  figures(rows) {
    store.figures = rows;
    drawSoon();
  },
  reload: load,
  lost(since) {
    lostSince = since;
    tellLost();
    get("/api/categories").catch((problem) => problem.status === 401 && refuse(problem)); // a key taken back is no lost link
  },
  back() {
    lostSince = null;
    banner("");
    load(); // positions and figures that changed meanwhile are not sent again
  },
});

const reach = new Reach(map, live);

/* A wall nobody touches tries again by itself; what it already shows stays. */
function refuse(problem) {
  const denied = problem.status === 401 || problem.status === 403;
  if (!denied) retry = setTimeout(load, RETRY);
  if (!denied && store.figures) return;
  const code = problem instanceof NoNetwork ? "no_network" : (problem.code ?? "script");
  const parts = denied
    ? [el("h2", {}, t("wall.denied")), el("p", {}, t("wall.denied_ask")), el("a", { class: "big", href: "/sign-in" }, t("wall.enter"))]
    : [el("h2", {}, t("wall.broken")), el("p", {}, t("wall.broken_do")), el("p", { class: "second" }, t("word.code", { code })), el("button", { class: "big", onclick: load }, t("wall.again"))];
  $("rows").replaceChildren();
  $("note").replaceChildren(...parts);
  show($("note"), true);
}

async function load() {
  clearTimeout(retry);
  if (!store.figures) {
    list.loading();
    say($("said"), t("wall.loading"));
  }
  try {
    const board = await get("/api/board");
    setClock(board.now, board.town.time_zone);
    store.load(board);
    seesWorkers(store.may.has("worker.view"));
    signs ??= new Signs(map, optionsOf("incidents"), store.categories, { one: openCase, many: openMany });
    signs.categories = store.categories;
    names.signs = () => signs.places();
    names.people = () => people.places();
    people.set(board.workers);
    draw();
    if (!fitted) view.whole(here.bounds, false); // now that the legend has its size
    const told = fitted ? null : new URLSearchParams(location.search).get("incident"); // where a notice leads
    fitted = true;
    drawer.redraw();
    if (store.may.has("figures.view")) strip.start();
    reach.look();
    live.start(board.cursor);
    if (told) openCase(told);
  } catch (problem) {
    refuse(problem);
  }
}

function tick() {
  say($("clock"), clock(now(), true));
  say($("date"), date(now()));
  list.tick();
  open?.tick();
  tellLost();
}

map.on("click", (event) => {
  const person = people.at(event.latlng);
  const clicked = town.gridAt(event.latlng);
  if (person) openPerson(store.workers.get(person.id) ?? person);
  else if (clicked) openGrid(clicked);
  else drawer.close();
  view.clear(event.latlng);
});
map.on("moveend", drawLegend);
town.on("load", () => store.figures && drawLegend());
town.on("loading", () => (town.failed = 0));
town.on("missing", () => lostSince === null && banner(t("wall.map_missing")));
town.on("load", () => !town.failed && lostSince === null && banner(""));
$("nearer").onclick = () => map.zoomIn();
$("farther").onclick = () => map.zoomOut();
$("whole").onclick = () => view.whole(here.bounds);
if (window.innerWidth < 900) $("legend").open = false;
setInterval(tick, 1000);
setInterval(() => draw(), 15000); // what becomes overdue without an event
tick();
view.whole(here.bounds, false);
load();
