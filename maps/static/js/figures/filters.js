/* The controls: period, layer, category, how the table is broken down, which figure the map and the trend show. */
import { $, arrange, el, show } from "../common/dom.js";
import { named, t } from "../common/texts.js";
import { definitions, nameOf } from "./numbers.js";
import { isDay, PERIODS } from "./period.js";

const BY = ["area", "category", "department", "worker", "day", "week", "month"];

export class Filters {
  constructor(view) {
    this.view = view;
    const button = (period) => el("button", { class: "choice", "aria-pressed": "false", "data-period": period, onclick: () => this.#period(period) }, t(`figures.period_${period}`));
    arrange($("periods"), PERIODS.map(button));
    for (const id of ["from", "to"]) $(id).addEventListener("change", () => this.#custom());
    for (const key of ["layer", "category", "show"]) $(key).addEventListener("change", () => view.set({ [key]: $(key).value }));
    $("by").addEventListener("change", () => view.set({ by: $("by").value, level: null }));
    $("level").addEventListener("change", () => view.set({ level: $("level").value }));
  }

  /* What there is to choose from, once it is known. */
  fill(categories, layers, areas) {
    this.levels = new Map(areas.map((area) => [area.level, { name: named({ name: area.level_name, name_en: area.level_name_en }), depth: area.path.split(".").length }]));
    this.depths = new Map(areas.map(({ code, path }) => [code, path.split(".").length]));
    const options = (rows) => rows.map((row) => el("option", { value: row.code }, named(row)));
    arrange($("layer"), [el("option", { value: "" }, t("figures.all_layers")), ...options(layers)]);
    arrange($("category"), [el("option", { value: "" }, t("figures.all_categories")), ...options(categories)]);
    arrange($("by"), BY.map((by) => el("option", { value: by }, t(`figures.by_${by}`))));
    arrange($("show"), [...definitions.keys()].map((code) => el("option", { value: code }, nameOf(code))));
  }

  draw() {
    const { now, span } = this.view;
    for (const button of $("periods").children) button.setAttribute("aria-pressed", String(button.dataset.period === now.period));
    show($("days"), now.period === "custom");
    $("from").value = span.from;
    $("to").value = span.to;
    $("layer").value = now.layer ?? "";
    $("category").value = now.category ?? "";
    $("by").value = now.by;
    $("show").value = now.show;
  }

  /* Levels below the chosen area; `shown` is the one the server counted by. */
  drawLevels(shown) {
    const { by, area } = this.view.now;
    const depth = area ? (this.depths.get(area) ?? 0) : 0;
    const below = [...this.levels].filter(([, level]) => level.depth > depth).sort(([, a], [, b]) => a.depth - b.depth);
    arrange($("level"), below.map(([code, { name }]) => el("option", { value: code }, name)));
    $("level").value = shown ?? "";
    show($("level"), by === "area" && below.length > 1);
  }

  #period(period) {
    this.view.set(period === "custom" ? { period, ...this.view.span } : { period });
  }

  #custom() {
    const [from, to] = [$("from").value, $("to").value];
    if (!isDay(from) || !isDay(to)) return;
    this.view.set({ period: "custom", from: from < to ? from : to, to: from < to ? to : from });
  }
}
