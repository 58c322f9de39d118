/* The same figures for each area, worker, department, category or step of time; any column sorts, any number opens its cases. */
import { bar } from "../common/bar.js";
import { arrange, el } from "../common/dom.js";
import { lang, t } from "../common/texts.js";
import { interval, kindOf, madeOf, nameOf, number, targetOf, valueOf } from "./numbers.js";

const AT_ONCE = 100; // rows drawn before more is asked for
const names = new Intl.Collator(lang === "en" ? "en" : "zh-Hans-CN", { numeric: true });

export class Table {
  /* `acts.open(figure, group)` is told of a click on a number, `acts.into(group)` of one on a name. */
  constructor(box, codes, acts) {
    Object.assign(this, { box, codes, acts, sort: null, rows: AT_ONCE });
  }

  draw(groups, { chosen, nameOfGroup, head, opens }) {
    Object.assign(this, { groups, chosen, nameOfGroup, head, opens });
    this.#draw();
  }

  #draw() {
    const codes = this.codes.filter((code) => this.groups.some(({ figures }) => figures[code]));
    const column = (key, text) => {
      const order = this.sort?.key === key ? (this.sort.up ? "ascending" : "descending") : "none";
      return el("th", { scope: "col", "aria-sort": order, class: key === this.chosen ? "picked" : null }, el("button", { onclick: () => this.#by(key) }, text));
    };
    const head = el("tr", {}, column("name", this.head), ...codes.map((code) => column(code, nameOf(code))));
    const body = this.#sorted().slice(0, this.rows).map((group) => el("tr", {}, this.#name(group), ...codes.map((code) => this.#cell(code, group))));
    const rest = this.groups.length - this.rows;
    const more = rest > 0 ? [el("button", { class: "button more", onclick: () => ((this.rows += AT_ONCE * 5), this.#draw()) }, t("figures.more_rows", { n: rest }))] : [];
    const kept = this.box.querySelector(".scroll")?.scrollLeft ?? 0;
    const scroll = el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("figures.table") }, el("table", {}, el("thead", {}, head), el("tbody", {}, ...body)));
    arrange(this.box, [scroll, ...more]);
    scroll.scrollLeft = kept;
  }

  #by(key) {
    const up = this.sort?.key === key ? !this.sort.up : key === "name";
    this.sort = { key, up };
    this.#draw();
    this.box.querySelector(`th[aria-sort="${up ? "ascending" : "descending"}"] button`)?.focus();
  }

  #sorted() {
    if (!this.sort) return this.groups;
    const { key, up } = this.sort;
    const sign = up ? 1 : -1;
    const value = ({ figures }) => valueOf(key, figures[key]);
    const by = key === "name" ? (a, b) => sign * names.compare(this.nameOfGroup(a), this.nameOfGroup(b)) : (a, b) => (value(a) === null) - (value(b) === null) || sign * (value(a) - value(b));
    return [...this.groups].sort(by);
  }

  #name(group) {
    const text = this.nameOfGroup(group);
    return el("th", { scope: "row" }, this.opens && group.key ? el("button", { class: "into", onclick: () => this.acts.into(group) }, text) : text);
  }

  #cell(code, group) {
    const figure = group.figures[code];
    const nothing = valueOf(code, figure) === null;
    const share = kindOf(code) === "share";
    const title = [madeOf(code, figure), interval(figure)].filter(Boolean).join(" · ");
    const text = number(code, figure);
    const shown = nothing ? el("span", { class: "second" }, text) : el("button", { class: "cell", title, "aria-label": [nameOf(code), this.nameOfGroup(group), text, title].join(", "), onclick: () => this.acts.open(code, group) }, text, share ? el("small", {}, `${figure.n}/${figure.of}`) : "");
    const classes = [code === this.chosen ? "picked" : "", figure.few ? "faint" : ""].filter(Boolean).join(" ");
    return el("td", { class: classes || null }, shown, share && !nothing ? bar(figure, targetOf(code)) : "");
  }
}
