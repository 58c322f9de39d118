/* How whoever reported it judged what came of it, and how many follow it. */
import { arrange, el, show } from "../common/dom.js";
import { t } from "../common/texts.js";
import { when } from "../common/time.js";

export class Judged {
  constructor() {
    this.node = el("div", { class: "judged", hidden: true });
  }

  draw({ evaluation, followers }) {
    const look = JSON.stringify([evaluation, followers]);
    show(this.node, Boolean(evaluation || followers));
    if (look === this.drawn) return;
    this.drawn = look;
    const parts = [];
    if (evaluation) {
      const stars = el("span", { class: "given-stars", role: "img", "aria-label": t("wall.stars", { n: evaluation.stars }) }, "★".repeat(evaluation.stars), el("span", {}, "★".repeat(5 - evaluation.stars)));
      const solved = el("b", { class: evaluation.solved ? "good" : "bad" }, t(evaluation.solved ? "wall.judged_solved" : "wall.judged_not_solved"));
      parts.push(el("h3", {}, t("wall.judged")), el("p", { class: "verdict" }, stars, solved, el("span", { class: "second" }, when(evaluation.at))));
      if (evaluation.words) parts.push(el("blockquote", {}, evaluation.words));
    }
    if (followers) parts.push(el("p", { class: "second" }, t("wall.followers", { n: followers })));
    arrange(this.node, parts);
  }
}
