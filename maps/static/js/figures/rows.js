/* The key figures: counts on top, the others by what they are about; a name chooses, a number opens its cases, ? says what it means. */
import { bar } from "../common/bar.js";
import { arrange, el, say, show } from "../common/dom.js";
import { t } from "../common/texts.js";
import { interval, kindOf, madeOf, nameOf, number, targetOf } from "./numbers.js";

export const COUNTS = ["filed", "closed", "open", "closed_in_period", "reported", "set_aside"];
const GROUPS = {
  closing: ["closure_rate", "reopening_rate", "rework_rate", "first_time"],
  on_time: ["on_time_receive", "on_time_dispatch", "on_time_arrive", "on_time_handle", "on_time_verify"],
  times: ["time_to_accept", "time_to_scene", "time_to_handle"],
  residents: ["satisfaction", "response_rate", "stars"],
};

class Figure {
  constructor(code, acts) {
    this.code = code;
    this.name = el("button", { class: "figure-name", "aria-pressed": "false", title: t("figures.choose"), onclick: () => acts.choose(code) }, nameOf(code));
    this.about = el("button", { class: "about", "aria-label": t("figures.what_is", { figure: nameOf(code) }), onclick: () => acts.define(code) }, "?");
    this.value = el("button", { class: "figure-value", onclick: () => acts.open(code) });
    this.made = el("span", { class: "figure-made" });
    this.sure = el("span", { class: "figure-sure" });
    this.node = el("li", { class: `figure-row is-${kindOf(code)}` }, this.name, this.about, this.value, this.sure, this.made);
  }

  draw(figure, chosen) {
    const share = kindOf(this.code) === "share";
    const text = number(this.code, figure);
    say(this.value, text);
    say(this.made, madeOf(this.code, figure));
    this.value.disabled = text === "–";
    this.value.title = [interval(figure), t("figures.open_cases")].filter(Boolean).join(" · ");
    this.value.setAttribute("aria-label", [nameOf(this.code), text, madeOf(this.code, figure), interval(figure)].filter(Boolean).join(", "));
    this.name.setAttribute("aria-pressed", String(chosen));
    this.node.classList.toggle("picked", chosen);
    this.node.classList.toggle("few", Boolean(figure.few));
    show(this.sure, share);
    if (share) arrange(this.sure, [bar(figure, targetOf(this.code))]);
    this.sure.title = interval(figure);
  }
}

export class Rows {
  constructor(counts, groups, acts) {
    this.all = new Map();
    const made = (code) => this.all.set(code, new Figure(code, acts)).get(code).node;
    arrange(counts, COUNTS.map(made));
    const section = (name) => el("section", { class: "figure-group" }, el("h3", {}, t(`figures.about_${name}`)), el("ul", {}, ...GROUPS[name].map(made)));
    arrange(groups, Object.keys(GROUPS).map(section));
  }

  draw(total, chosen) {
    for (const [code, figure] of this.all) {
      show(figure.node, Boolean(total[code]));
      if (total[code]) figure.draw(total[code], code === chosen);
    }
  }
}
