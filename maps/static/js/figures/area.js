/* The part of the town: the way down the tree, each step of which leads back up, and a list of what lies under it. */
import { get } from "../common/api.js";
import { arrange, el } from "../common/dom.js";
import { t } from "../common/texts.js";

export class Areas {
  constructor(box, choose) {
    Object.assign(this, { box, choose });
  }

  /* Draw the way to an area; which of its children are there is told by the server. */
  async draw(code) {
    const mine = (this.turn = (this.turn ?? 0) + 1);
    const { path, children } = code ? await get(`/api/areas/${encodeURIComponent(code)}`) : { path: [], children: (await get("/api/areas?under=")).items };
    if (mine !== this.turn) return;
    const step = (name, to, last) => el("li", {}, last ? el("b", { "aria-current": "true" }, name) : el("button", { class: "crumb", onclick: () => this.choose(to) }, name));
    const crumbs = [step(t("plain.whole_town"), null, !code), ...path.map((area, place) => step(area.name, area.code, place === path.length - 1))];
    const down = el("select", { "aria-label": t("figures.area_down"), onchange: (event) => event.target.value && this.choose(event.target.value) }, el("option", { value: "" }, t("figures.area_into")), ...children.map((area) => el("option", { value: area.code }, area.name)));
    arrange(this.box, [el("ol", { class: "crumbs" }, ...crumbs), ...(children.length ? [down] : [])]);
  }
}
