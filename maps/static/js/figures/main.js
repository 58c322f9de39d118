/* Figures of a period: cards, closure curve, trend, map and table of one question, each number open to its cases. */
import { get, Problem } from "../common/api.js";
import { $, arrange, el, say, show } from "../common/dom.js";
import { named, t, town as here } from "../common/texts.js";
import { clock, day } from "../common/time.js";
import { startMap } from "../map/start.js";
import { tell, why } from "../plain/form.js";
import { enter, leave } from "../plain/frame.js";
import { Areas } from "./area.js";
import { Cases } from "./cases.js";
import { Choropleth } from "./choropleth.js";
import { Curve } from "./curve.js";
import { Filters } from "./filters.js";
import { count, interval, kindOf, learn, madeOf, nameOf, number, saysOf } from "./numbers.js";
import { spanWords, stepFor, stepOf, stepWords } from "./period.js";
import { Rows } from "./rows.js";
import { sheet } from "./sheet.js";
import { Table } from "./table.js";
import { Trend } from "./trend.js";
import { View } from "./view.js";

const STEPS = new Set(["day", "week", "month"]);
const UNNAMED = new Set(["none", "hidden", "outside"]); // groups without a key
const RETRY_S = 2;
const MOST_AREAS = 1000; // as many as the tree tells at once

const { map, town } = startMap();
const view = new View(read);
const choropleth = new Choropleth(map, town, $("legend"));
const curve = new Curve($("curve"), (code) => openCases(code));
const trend = new Trend($("trend"), (code, group) => openCases(code, group, trendStep()));
const areas = new Areas($("area"), (code) => view.set({ area: code, level: null }));
const filters = new Filters(view);
const categories = new Map();
let cases;
let rows;
let table;
let asked = 0;
let later;
let parts = {}; // what was answered last
let coloured = new Map();
let mayOpen = false; // whether the cases behind a number are the person's to see

const trendStep = () => (STEPS.has(view.now.by) ? view.now.by : stepFor(view.span));
const figuresBy = (by, more = {}) => get(`/api/figures?${view.query({ by, ...more })}`);

/* ---- what a click asks for ---- */
function choose(code) {
  view.set({ show: code });
}

function define(code) {
  const parts = saysOf(code).flatMap(([part, text]) => [el("h3", {}, t(`figures.part_${part}`)), el("p", {}, text)]);
  sheet(nameOf(code), null, el("div", { class: "sheet-body defined" }, ...parts));
}

function groupName(by, group) {
  if (UNNAMED.has(group.kind)) return t(`figures.${group.kind}_${by}`);
  if (STEPS.has(by)) return stepWords(by, group.key, view.span);
  return by === "worker" ? `${group.name} ${group.key}` : named(group) || group.key; // names are masked: many share one
}

/* Of a share: those that count, the others, all of them. */
function sidesOf(code, figure) {
  if (kindOf(code) !== "share") return [["of", ""]];
  const { n, of } = figure;
  return [["n", n], ["rest", of - n], ["of", of]].map(([side, many]) => [side, `${t(`figures.side_${side}`)} ${count(many)}`]);
}

function openCases(code, group, by) {
  if (!mayOpen) return undefined;
  const figure = (group?.figures ?? parts.table.total)[code];
  const key = group ? { by, key: group.key, kind: group.key === null ? group.kind : null, level: by === "area" ? (group.level ?? view.now.level) : null } : {};
  const title = group ? `${nameOf(code)} · ${groupName(by, group)}` : nameOf(code);
  const about = [spanWords(view.span), number(code, figure), madeOf(code, figure), interval(figure)].filter(Boolean).join(" · ");
  return cases.open(view.query({ figure: code, ...key }), title, about, sidesOf(code, figure));
}

/* A name in the table leads into what it names: an area, a category, a span of days. */
function into(group) {
  const { by } = view.now;
  if (STEPS.has(by)) view.set({ period: "custom", ...stepOf(by, group.key, view.span) });
  else if (by === "area") view.set({ area: group.key, level: null });
  else if (by === "category") view.set({ category: group.key });
}

/* ---- drawing ---- */
/* Code of each grid -> what it is coloured by: itself, or the area of the table's level that it lies in. */
function grids() {
  const above = view.now.by === "area" ? parts.table.groups.filter(({ key }) => key !== null) : [];
  const holder = ({ path }) => above.find((area) => path === area.path || path.startsWith(`${area.path}.`));
  return new Map(parts.ground.groups.filter(({ key }) => key !== null).map((grid) => [grid.key, (above.length && holder(grid)) || grid]));
}

function draw() {
  const { total, groups, filters: asked_for } = parts.table;
  const { by, show: chosen } = view.now;
  say($("as-of"), t("figures.as_of", { span: spanWords(view.span), at: `${day(parts.table.as_of)} ${clock(parts.table.as_of)}` }));
  filters.drawLevels(asked_for.level);
  rows.draw(total, chosen);
  curve.draw(total);
  trend.draw(parts.trend.groups, trendStep(), view.span, chosen);
  coloured = grids();
  choropleth.draw(chosen, coloured);
  table.draw(groups, { chosen, nameOfGroup: (group) => groupName(by, group), head: t(`figures.by_${by}`), opens: by === "area" || by === "category" || STEPS.has(by) });
  const nothing = !total.filed?.value && !total.closed_in_period?.value;
  show($("nothing"), nothing);
  document.body.classList.toggle("nothing", nothing);
  for (const link of document.querySelectorAll("[data-export]")) link.href = `/api/figures/export?${view.query({ by, level: view.now.level, format: link.dataset.export })}`;
  for (const link of document.querySelectorAll("[data-report]")) link.href = `/api/figures/report?${view.query({ lang: here.lang, format: link.dataset.report })}`;
  document.querySelector(".tongue").href = tongue();
  document.body.classList.remove("asking");
}

/* The other language of the same view. */
function tongue() {
  const other = new URLSearchParams(location.search);
  other.set("lang", here.lang === "zh" ? "en" : "zh");
  return `?${other}`;
}

/* Grids of a layer that the tiles do not show. */
const shapesOf = (layer) => (layer && layer !== here.layer ? get(`/api/grids?layer=${encodeURIComponent(layer)}`) : null);

async function read() {
  const mine = (asked += 1);
  clearTimeout(later);
  document.body.classList.add("asking");
  filters.draw();
  areas.draw(view.now.area).catch((problem) => tell($("trouble"), why(problem)));
  const { by, level } = view.now;
  const question = String(view.query({ by, level }));
  try {
    if (question === parts.question) return draw();
    const [told, moved, ground, shapes] = await Promise.all([figuresBy(by, { level }), STEPS.has(by) ? null : figuresBy(trendStep()), figuresBy("area", { level: "grid", layer: view.now.layer ?? here.layer }), shapesOf(view.now.layer)]);
    if (mine !== asked) return undefined;
    parts = { question, table: told, trend: moved ?? told, ground };
    choropleth.lay(shapes, { pick: enterGrid, hover });
    tell($("trouble"), "");
    show($("waiting"), false);
    show($("answer"), true);
    draw();
  } catch (problem) {
    if (mine === asked) refuse(problem);
  }
  return undefined;
}

/* Figures that are still being gathered are asked for again; anything else is said. */
function refuse(problem) {
  if (problem.status === 401) leave();
  const gathering = problem instanceof Problem && problem.code === "figures_loading";
  show($("waiting"), gathering);
  tell($("trouble"), gathering ? "" : why(problem));
  if (gathering) later = setTimeout(read, (problem.facts.retry_after ?? RETRY_S) * 1000);
  else $("trouble").append(el("button", { class: "button", onclick: read }, t("plain.again"))); // what is still shown stays faint
}

/* The grid of the tiles at a place; none while another layer lies on them. */
const gridAt = ({ latlng }) => (choropleth.own ? null : town.gridAt(latlng));

function enterGrid(grid) {
  if (grid) view.set({ area: coloured.get(grid.code)?.key ?? grid.code, level: null });
}

map.on("click", (event) => enterGrid(gridAt(event)));
map.on("mousemove", (event) => choropleth.own || hover(gridAt(event)));
map.on("mouseout", () => hover(null));

function hover(grid) {
  const group = coloured.get(grid?.code);
  const code = view.now.show;
  const figure = group?.figures[code];
  say($("hovered"), grid ? [group ? groupName("area", group) : grid.name, figure ? number(code, figure) : t("figures.no_cases"), figure ? madeOf(code, figure) : "", interval(figure)].filter(Boolean).join(" · ") : "");
  show($("hovered"), Boolean(grid));
  town.choose(grid?.code ?? null);
}

$("nearer").addEventListener("click", () => map.zoomIn());
$("farther").addEventListener("click", () => map.zoomOut());
$("whole").addEventListener("click", () => whole());

function whole() {
  const [west, south, east, north] = here.bounds;
  if (west < east) map.fitBounds([[south, west], [north, east]], { animate: false });
}

$("map-box").append(map.getContainer());
map.invalidateSize({ animate: false });
whole();
enter(["figures.view", "figures.own"], async (me) => {
  mayOpen = me.permissions.includes("figures.view");
  document.body.classList.toggle("closed-cases", !mayOpen);
  const [kinds, layers, tree, told] = await Promise.all([get("/api/categories"), get("/api/layers").catch(() => []), get(`/api/areas?limit=${MOST_AREAS}`), get("/api/figures/definitions")]);
  for (const one of kinds) categories.set(one.code, one);
  learn(told.definitions);
  cases = new Cases(categories);
  rows = new Rows($("counts"), $("rows"), { choose, define, open: (code) => openCases(code) });
  table = new Table($("table"), told.definitions.map(({ figure }) => figure), { open: (code, group) => openCases(code, group, view.now.by), into });
  filters.fill(kinds, layers, tree.items);
  await read();
});
