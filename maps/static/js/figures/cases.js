/* The cases behind a number: each leads to its place on the wall, for who may see the wall. */
import { get } from "../common/api.js";
import { arrange, el } from "../common/dom.js";
import { incidentSign } from "../common/symbols.js";
import { named, t, word } from "../common/texts.js";
import { clock, day } from "../common/time.js";
import { tell, trouble, why } from "../plain/form.js";
import { leave } from "../plain/frame.js";
import { sheet } from "./sheet.js";

const AT_ONCE = 50;

export class Cases {
  constructor(categories) {
    this.categories = categories;
  }

  /* `query` as the figure was asked for; `sides`: of a share those that count, the others, and all, as [side, text]. */
  async open(query, title, about, sides) {
    const rows = el("ol", { class: "cases" });
    const box = trouble();
    const more = el("button", { class: "button more", hidden: true }, t("plain.more"));
    const tabs = el("div", { class: "choices-row", role: "group" }, ...sides.map(([side, text]) => el("button", { class: "choice", "data-side": side, "aria-pressed": "false", onclick: () => pick(side) }, text)));
    sheet(title, about, el("div", { class: "sheet-body" }, sides.length > 1 ? tabs : "", box, rows, more));
    let turn = 0;
    let shown = [];
    const read = async (side, after) => {
      const mine = (turn += 1);
      const asked = new URLSearchParams(query);
      for (const [key, value] of Object.entries({ side, limit: AT_ONCE, after })) if (value) asked.set(key, value);
      try {
        const { incidents, next } = await get(`/api/figures/cases?${asked}`);
        if (mine !== turn) return;
        shown = [...shown, ...incidents.map((row) => this.#row(row))];
        arrange(rows, shown.length ? shown : [el("li", { class: "empty" }, t("figures.no_cases_here"))]);
        more.hidden = next === null;
        more.onclick = () => read(side, next);
        tell(box, "");
      } catch (problem) {
        if (problem.status === 401) leave();
        if (mine !== turn) return;
        arrange(rows, shown);
        tell(box, why(problem));
      }
    };
    const pick = (side) => {
      for (const tab of tabs.children) tab.setAttribute("aria-pressed", String(tab.dataset.side === side));
      shown = [];
      more.hidden = true;
      arrange(rows, Array.from({ length: 5 }, () => el("li", { class: "outline" })));
      return read(side, null);
    };
    await pick(sides[0][0]);
  }

  #row(row) {
    const sign = incidentSign({ urgency: row.urgency });
    const what = named(this.categories.get(row.category)) || row.category;
    const at = `${day(row.filed_at ?? row.reported_at)} ${clock(row.filed_at ?? row.reported_at)}`;
    const where = row.grid?.name ?? t("figures.no_grid");
    const words = el("span", { class: "case-words" }, el("b", {}, what), el("span", { class: "second" }, `${where} · ${at}`));
    return el("li", {}, el("a", { href: `/?incident=${encodeURIComponent(row.id)}` }, sign, words, el("span", { class: "case-state" }, word("status", row.status))));
  }
}
