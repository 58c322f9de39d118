/* Who is there now, grid by grid; a grid in which nobody is on duty is said first and aloud. */
import { $, arrange, el, show } from "../common/dom.js";
import { t } from "../common/texts.js";
import { mark } from "./words.js";

const NAMED = 6;

export const onDuty = ({ on_duty: n, workers: all }) => (n ? t("roster.on_duty", { n, all }) : t(all ? "roster.nobody_of" : "roster.nobody_home", { all }));

const bare = (grids) => grids.filter((grid) => !grid.on_duty);

/* The line over the table; `choose(code)` shows one grid. */
export function drawBlind(grids, choose) {
  const none = bare(grids);
  const name = (grid) => el("button", { class: "who", onclick: () => choose(grid.code) }, grid.name);
  const more = none.length > NAMED ? [t("word.and_more", { n: none.length - NAMED })] : [];
  const line = el("p", {}, mark("failed"), el("b", {}, t("roster.blind", { n: none.length })), ...none.slice(0, NAMED).map(name), ...more);
  arrange($("blind"), none.length ? [line] : []);
  show($("blind"), none.length > 0);
}

/* The overview in the pane. */
export function cover(grids, choose) {
  const sorted = [...bare(grids), ...grids.filter((grid) => grid.on_duty)];
  const line = (grid) =>
    el("li", {}, el("button", { class: grid.on_duty ? "grid-row" : "grid-row bare", onclick: () => choose(grid.code) },
      el("b", {}, grid.name),
      el("span", { class: "second" }, onDuty(grid))));
  if (!grids.length) return [el("p", { class: "second" }, t("roster.no_grids"))];
  const there = grids.reduce((sum, grid) => sum + grid.on_duty, 0);
  return [el("p", { class: "tally" }, el("b", { class: "count" }, String(there)), ` ${t("roster.people_now")}`), el("ul", { class: "cover" }, ...sorted.map(line))];
}

/* The choice of a grid, with what is there now. */
export function drawAreas(select, grids, chosen) {
  const options = grids.map((grid) => el("option", { value: grid.code, selected: grid.code === chosen }, t("roster.grid_option", { name: grid.name, n: grid.on_duty })));
  select.replaceChildren(el("option", { value: "" }, t("roster.all_grids")), ...options);
}
