/* The quality of the ground: how the last check stands, kinds with their counts, and each fault in the list and on the map. */
import { get, newKey, post } from "../common/api.js";
import { $, el, say, show } from "../common/dom.js";
import { t, town as here } from "../common/texts.js";
import { now, span } from "../common/time.js";
import { startMap } from "../map/start.js";
import { attempt, tell, why } from "../plain/form.js";
import { enter, leave } from "../plain/frame.js";
import { moment } from "../plain/words.js";
import { drawKinds } from "./kinds.js";
import { List } from "./list.js";
import { Marks } from "./marks.js";
import { Proposals, whyNot } from "./proposals.js";
import { seenOf } from "./words.js";

const AT_ONCE = 100;
const EVERY = 1500; // ms between looks while something runs
const NARROW = 900; // px: below, what stands beside each other stands in one column

const { map, town } = startMap();
const marks = new Marks(map, (id) => open(id, true));
const list = new List($("faults"), { open: (id) => open(id, false), more: () => read(next) });
const proposals = new Proposals($("proposals"), $("faults"), {
  shown: (features) => { marks.proposal(features); legend(["was", "new"]); drawKinds($("kinds"), done?.counts ?? {}, undefined, pick); },
  changed: () => town.redraw(),
  back: () => { drawKinds($("kinds"), done?.counts ?? {}, kind, pick); drawFaults(); watch(); },
  choose: (code) => open(code, false),
});

let check = null; // the last check, however it stands
let done = null; // the last that was done
let kind = null;
let faults = [];
let next = null;
let asked = 0;
let timer = null;

function legend(names) {
  $("legend").replaceChildren(...names.map((name) => el("li", {}, el("i", { class: `sample as-${name}` }), t(`quality.legend_${name}`))));
  show($("legend"), names.length > 0);
}

/* ---- how the check stands ---- */
const by = (one) => (one.at_machine ? t("quality.by_machine") : (one.asked_by ?? t("quality.by_other")));

function drawState() {
  const running = check?.status === "running";
  const parts = [];
  if (running) parts.push(t("quality.checking"), t("quality.running_since", { at: moment(check.started), t: span(now() - Date.parse(check.started)) }));
  else if (check && check.status !== "done") parts.push(t("quality.failed", { why: whyNot(check.reason) }));
  if (done && !running) parts.push(t("quality.done", { at: moment(done.ended), who: by(done) }));
  say($("state"), parts.join(" "));
  $("state").classList.toggle("broken", Boolean(check) && !running && check.status !== "done");
  $("check").ariaBusy = running ? "true" : null;
  show($("check"), true);
}

async function look() {
  const before = done?.id;
  const told = await get("/api/checks/latest");
  ({ latest: check, done } = told);
  drawState();
  if (done?.id !== before || !done) {
    drawKinds($("kinds"), done?.counts ?? {}, kind, pick);
    await read(null);
  }
}

/* Look again as long as something runs. */
function watch() {
  clearTimeout(timer);
  if (check?.status !== "running" && !proposals.running) return;
  timer = setTimeout(async () => {
    try {
      await look();
      if (proposals.running) await proposals.read();
      tell($("trouble"), "");
    } catch (problem) {
      if (problem.status === 401) leave();
      tell($("trouble"), why(problem));
    }
    watch();
  }, EVERY);
}

/* ---- faults ---- */
function pick(which) {
  kind = which;
  proposals.open = null;
  proposals.draw();
  drawKinds($("kinds"), done?.counts ?? {}, kind, pick);
  read(null);
}

async function read(after) {
  const mine = (asked += 1);
  if (!done) return drawFaults();
  const query = new URLSearchParams({ limit: AT_ONCE });
  if (kind) query.set("kind", kind);
  if (after) query.set("cursor", after);
  try {
    const answer = await get(`/api/checks/${done.id}/faults?${query}`);
    if (mine !== asked) return undefined;
    faults = after ? [...faults, ...answer.items] : answer.items;
    next = answer.next;
    tell($("trouble"), "");
    if (!proposals.open) drawFaults(Boolean(after));
  } catch (problem) {
    if (problem.status === 401) leave();
    if (mine === asked) tell($("trouble"), why(problem));
  }
  return undefined;
}

const total = (counts) => Object.values(counts).reduce((sum, n) => sum + n, 0);

function drawFaults(more = false) {
  const chosen = marks.chosen;
  marks.faults(faults);
  legend(faults.length ? ["fault"] : []);
  if (!done) return list.instead(el("h2", {}, t("quality.never")), el("p", { class: "second" }, t("quality.never_say")));
  if (total(done.counts) === 0) return list.instead(el("h2", { class: "fine" }, t("quality.clean")), el("p", { class: "second" }, total(done.seen) ? t("quality.clean_say", { seen: seenOf(done.seen) }) : ""));
  const of = (counts) => (kind ? (counts[kind] ?? 0) : total(counts));
  list.draw({ kind, faults, count: of(done.counts), listed: of(done.listed), next });
  if (more) $("rows").children[faults.length - 1]?.scrollIntoView({ block: "nearest" });
  if (chosen && faults.some((fault) => fault.id === chosen)) open(chosen, false, false);
  else if (!more && faults.length) marks.whole();
  return undefined;
}

/* From the list or, `fromMap`, by a click on the map: both show the same one. */
function open(id, fromMap, move = true) {
  marks.choose(id);
  if (proposals.open) {
    proposals.mark(id);
    town.choose(id);
  } else {
    list.choose(id, fromMap);
    const fault = faults.find((one) => one.id === id);
    town.choose(fault?.layer ? fault.code : null);
    say($("said"), "");
  }
  if (move && !fromMap) marks.goTo(id);
  if (move && !fromMap && window.innerWidth < NARROW) map.getContainer().scrollIntoView({ block: "nearest" });
}

$("check").addEventListener("click", () => attempt($("check"), $("trouble"), async () => {
  await post("/api/checks", undefined, { "Idempotency-Key": newKey() });
  await look();
}).finally(() => { drawState(); watch(); }));
$("nearer").addEventListener("click", () => map.zoomIn());
$("farther").addEventListener("click", () => map.zoomOut());
$("whole").addEventListener("click", () => whole());

function whole() {
  const [west, south, east, north] = here.bounds;
  if (west < east) map.fitBounds([[south, west], [north, east]], { animate: false });
}

whole();
enter("ground.check", async (me) => {
  proposals.may = me.permissions.includes("ground.change");
  await Promise.all([look(), proposals.read()]);
  watch();
});
