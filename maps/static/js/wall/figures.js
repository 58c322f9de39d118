/* Key figures: number, unit, what it means and against what; a click shows the cases behind it. */
import { arrange, el, say, show } from "../common/dom.js";
import { incidentSign, personSign } from "../common/symbols.js";
import { t } from "../common/texts.js";
import { ago } from "../common/time.js";

const SIGNS = {
  waiting: () => incidentSign({ urgency: "none", waiting: true }),
  overdue: () => incidentSign({ urgency: "none", overdue: true }),
  free: () => personSign("free"),
};

/* name, unit, the line below */
const FIGURES = [
  ["open", "cases", (figures, count) => t("wall.emergencies", { n: count.emergency })],
  ["waiting", "cases", () => t("wall.aim_zero")],
  ["overdue", "cases", () => t("wall.aim_zero")],
  ["reported_today", "cases", () => ""],
  ["closed_today", "cases", (figures) => (figures.last_closed_at ? t("wall.last_closed", { t: ago(figures.last_closed_at) }) : t("wall.none_closed"))],
  ["free", "people", (figures) => t("wall.on_duty", { n: figures.on_duty })],
];

export class Figures {
  constructor(list, choose) {
    this.boxes = FIGURES.map(([name, unit, below]) => {
      const number = el("b", { class: "number" }, "–");
      const line = el("span", { class: "against" });
      const sign = SIGNS[name]?.() ?? "";
      const meaning = el("span", { class: "meaning" }, sign, t(`wall.${name}`));
      const value = el("span", { class: "value" }, number, el("span", { class: "unit" }, t(`wall.${unit}`)));
      const button = el("button", { class: "figure", "aria-pressed": "false", onclick: () => choose(name) }, meaning, value, line);
      return { name, below, number, line, button, node: el("li", {}, button) };
    });
    arrange(list, this.boxes.map((box) => box.node));
  }

  draw(figures, count, chosen) {
    for (const { name, below, number, line, button, node } of this.boxes) {
      show(node, figures[name] !== null); // what the person may not see is no nought
      if (figures[name] === null) continue;
      const value = figures[name] ?? count[name] ?? 0;
      say(number, String(value));
      say(line, below(figures, count));
      button.classList.toggle("zero", value === 0);
      button.setAttribute("aria-pressed", String(chosen === name));
    }
  }
}
