/* The phone: fetch the tasks, show one, send what the thumb says, keep what cannot be sent yet. */
import { get, NoNetwork } from "../common/api.js";
import { $, arrange, el, say, show } from "../common/dom.js";
import { Live } from "../common/live.js";
import { named, t, town } from "../common/texts.js";
import { ago, clock, now, overdue, setClock } from "../common/time.js";
import { Own } from "../map/own.js";
import { startMap } from "../map/start.js";
import { Card, otherRow, Thumb, whereOf } from "./card.js";
import { Position } from "./position.js";
import { Queue } from "./queue.js";
import { askAwait, askDecline, askExtension, askFailed, askFinish, askMore, askReturn, askWhistle } from "./sheet.js";
import { Tasks } from "./tasks.js";

const SAID = { accept: "work.accept", decline: "work.decline", arrive: "work.arrive", finish: "work.finish", return: "work.return", extension: "work.extension", whistle: "work.whistle", await: "work.await", go_on: "work.go_on" };
/* What came too late is nobody's fault: it is said kindly, and the card goes. */
const LATE = { offer_expired: "work.too_late", offer_withdrawn: "work.taken_back", expired: "work.too_late", withdrawn: "work.taken_back" };
const RECENT = 3;

const { map, names } = startMap();
const own = new Own(map);
names.signs = () => own.places();
const queue = new Queue({ changed: () => draw(), done: sent, refused, stranger: load });
const tasks = new Tasks(queue);
const place = new Position({ here: (fix) => (own.here(fix), draw()), changed: () => draw() });
const card = new Card($("task"));
const thumb = new Thumb($("thumb"), act);
let categories = new Map();
let loaded = false;
let lost = null; // when the link was last known to be good
let trouble = ""; // the last thing the server refused
let news = ""; // what became of a task without this person doing anything

/* ---- what a press does ---- */
function send(row, move, body) {
  trouble = news = "";
  queue.add({ path: `/api/tasks/${encodeURIComponent(row.id)}/${move}`, body, task: row.id, move });
}

/* What is asked of the incident, not of the task. */
function ofIncident(row, move, body) {
  trouble = news = "";
  queue.add({ path: `/api/incidents/${encodeURIComponent(row.incident.id)}/${move.replace("_", "-")}`, body, task: row.id, move });
}

function act(move) {
  const row = tasks.current();
  const go = {
    accept: () => (tasks.picked = row.id, send(row, "accept", {})),
    arrive: () => send(row, "arrive", {}),
    decline: () => askDecline((body) => send(row, "decline", body)),
    finish: () => askFinish((body) => send(row, "finish", body)),
    failed: () => askFailed((body) => send(row, "finish", body)),
    return: () => askReturn((body) => send(row, "return", body)),
    whistle: () => askWhistle((body) => send(row, "whistle", body)),
    extension: () => askExtension(row.incident.deadline, (body) => send(row, "extension", body)),
    await: () => askAwait((body) => ofIncident(row, "await", body)),
    go_on: () => ofIncident(row, "go_on", {}),
    more: () => askMore(tasks.others(row, categories.get(row.incident.category)), (other) => go[other]()),
  };
  if (row) go[move]();
}

function sent(entry, row) {
  if (row?.incident) tasks.take(row);
  else load(); // the answer tells of the incident, not of the task
  draw();
}

function tellLost(rows) {
  for (const row of rows) news = t(LATE[row.status], { where: whereOf(row.incident) });
}

function refused(entry, problem) {
  const row = tasks.rows.get(entry.task);
  const moved_on = problem.code === "move_not_allowed" ? (row?.unit ? "work.by_own_unit" : "work.gone_on") : null;
  const kind = LATE[problem.code] ?? moved_on;
  if (kind && row) news = t(kind, { where: whereOf(row.incident) });
  else trouble = t("work.refused", { what: t(SAID[entry.move]), why: problem.message });
  if (LATE[problem.code] && row) tasks.drop(row.id);
  load();
}

/* ---- what is shown ---- */
function lines() {
  const found = [];
  const add = (kind, text, ...more) => found.push(el("p", { class: `line ${kind}` }, el("span", {}, text), ...more));
  if (trouble) add("bad", trouble);
  if (news) add("", news, el("button", { class: "small quiet", onclick: () => ((news = ""), draw()) }, t("work.seen")));
  if (queue.offline) add("warn", t("work.offline"));
  else if (lost !== null) add("warn", t("work.lost", { time: clock(lost) }));
  for (const entry of queue.waiting) add("warn", t("work.unsent_named", { what: t(SAID[entry.move]), time: clock(entry.at) }));
  for (const entry of queue.sent.slice(0, 1)) add("good", t("work.sent_named", { what: t(SAID[entry.move]), time: clock(entry.at) }));
  if (place.state === "ask") add("", t("work.place_ask"), el("button", { class: "small", onclick: () => place.watch() }, t("work.place_on")));
  if (place.state === "denied") add("warn", t("work.place_denied"));
  if (place.state === "on") add("faint", place.sentAt ? t("work.place_sent", { t: ago(new Date(place.sentAt).toISOString()) }) : t("work.place_none"));
  return found;
}

function drawLines() {
  const fresh = lines();
  const text = fresh.map((line) => line.className + line.textContent).join("\n");
  if (text === $("lines").dataset.text) return;
  $("lines").dataset.text = text;
  $("lines").replaceChildren(...fresh);
}

function drawOthers(current) {
  const pick = (id) => {
    tasks.picked = id;
    draw();
    scrollTo({ top: 0 });
  };
  const rest = tasks.active().filter((row) => row !== current);
  const ended = tasks.ended().slice(0, RECENT);
  const part = (title, rows, way) => (rows.length ? [el("h3", {}, t(title)), el("ul", {}, ...rows.map((row) => otherRow(row, { status: tasks.statusOf(row), categories, pick: way })))] : []);
  arrange($("others"), [...part("work.others", rest, pick), ...part("work.recent", ended, null)]);
}

function draw() {
  drawLines();
  if (!loaded) return;
  const current = tasks.current();
  document.body.classList.toggle("no-task", !current);
  own.task(current?.incident ?? null, current ? overdue(current.incident) : false);
  if (current) card.draw(current, tasks.statusOf(current), categories, own.metresToTask());
  else arrange($("task"), [el("h2", { class: "where" }, t("work.none")), el("p", { class: "second" }, t("work.none_say"))]);
  thumb.draw(current, current ? tasks.statusOf(current) : null);
  drawOthers(current);
  names.later();
}

function announce(row) {
  news = "";
  const what = named(categories.get(row.incident.category)) || row.incident.category;
  say($("said"), t("work.new", { what, where: whereOf(row.incident) }));
  navigator.vibrate?.([220, 120, 220]);
}

/* ---- the server ---- */
const live = new Live({
  task(row) {
    if (tasks.lost(row)) tellLost([row]);
    if (tasks.take(row)) announce(row);
    draw();
  },
  reload: load,
  lost(since) {
    lost = since;
    draw();
    get("/api/categories").catch((problem) => problem.status === 401 && refuse(problem)); // a key taken back is no lost link
  },
  back() {
    lost = null;
    queue.flush();
    draw();
  },
});

function refuse(problem) {
  const denied = problem.status === 401 || problem.status === 403;
  const code = problem instanceof NoNetwork ? "no_network" : (problem.code ?? "script");
  const parts = denied
    ? [el("p", {}, t("work.denied_ask")), el("a", { class: "big", href: "/sign-in" }, t("work.enter"))]
    : [el("p", { class: "second" }, t("word.code", { code })), el("button", { class: "big", onclick: load }, t("work.again"))];
  if (!loaded || denied) arrange($("task"), [el("h2", { class: "where" }, t(denied ? "work.denied" : "work.broken")), ...parts]);
  if (denied || !loaded) show($("thumb"), false);
}

async function load() {
  try {
    const [answer, rules] = await Promise.all([get("/api/tasks"), categories.size ? null : get("/api/categories")]);
    setClock(answer.now, answer.time_zone);
    if (rules) categories = new Map(rules.map((category) => [category.code, category]));
    tellLost(tasks.load(answer.items));
    loaded = true;
    say($("who"), `${answer.worker.name} · ${answer.worker.code}`);
    draw();
    live.start(answer.cursor);
    place.start(answer.worker.id);
    queue.open(answer.worker.id);
  } catch (problem) {
    refuse(problem);
  }
}

let shown;
setInterval(() => {
  card.tick();
  thumb.tick();
  const current = tasks.current()?.id; // an offer that ran out leaves the screen by itself
  if (loaded && (current !== shown || now() % 15000 < 1000)) draw();
  shown = current;
}, 1000);

const [west, south, east, north] = town.bounds;
map.fitBounds([[south, west], [north, east]], { animate: false });
addEventListener("visibilitychange", () => document.visibilityState === "visible" && lost !== null && load());
arrange($("task"), [el("div", { class: "outline", "aria-label": t("work.loading") })]);
load();
