/* The list of faults of one kind or of all: rows that are pressed, more of them on demand, and what stands there instead. */
import { el } from "../common/dom.js";
import { t } from "../common/texts.js";
import { howOf, number, whatOf } from "./words.js";

export class List {
  /* `open(id)` when a row is pressed, `more()` for the next page. */
  constructor(box, { open, more }) {
    Object.assign(this, { box, open, more, rows: new Map() });
  }

  /* `parts` instead of rows: nothing there, never looked. */
  instead(...parts) {
    this.rows.clear();
    this.box.replaceChildren(el("div", { class: "instead" }, ...parts));
  }

  draw({ kind, faults, count, listed, next }) {
    const title = t(kind ? `ground_fault.${kind}` : "quality.all");
    const told = [count === 1 ? t("quality.one_fault") : t("quality.faults", { n: number(count) }), listed < count ? t("quality.listed", { n: number(listed) }) : ""];
    const head = el("header", {}, el("h2", { id: "list-title" }, title), el("p", { class: "second" }, told.filter(Boolean).join(" · ")));
    this.rows = new Map(faults.map((fault) => [fault.id, this.#row(fault, kind)]));
    const rows = el("ol", { class: "rows", id: "rows" }, ...[...this.rows.values()].map((row) => el("li", {}, row)));
    const empty = faults.length ? "" : el("p", { class: "empty" }, t("quality.none_of_kind"));
    const more = next ? el("button", { class: "button more", id: "more", onclick: this.more }, t("plain.more")) : "";
    this.box.replaceChildren(head, rows, ...[empty, more].filter(Boolean));
  }

  #row(fault, kind) {
    const label = kind ? "" : el("span", { class: "kind" }, t(`ground_fault.${fault.kind}`));
    const place = fault.lng === null ? t("quality.nowhere") : "";
    const how = [howOf(fault), place].filter(Boolean).join(" · ");
    return el("button", { class: "fault", "data-id": fault.id, onclick: () => this.open(fault.id) }, label, el("b", {}, whatOf(fault)), how ? el("span", { class: "second" }, how) : "");
  }

  choose(id, look) {
    for (const [other, row] of this.rows) {
      if (other === id) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
    if (look) this.rows.get(id)?.scrollIntoView({ block: "nearest" });
    if (look) this.rows.get(id)?.focus({ preventScroll: true });
  }
}
