/* The kinds of faults with their counts; those of which there are none, too. */
import { el } from "../common/dom.js";
import { t } from "../common/texts.js";
import { number } from "./words.js";

export const KINDS = [
  "shape_invalid", "shape_empty", "overlap", "gap", "sliver", "outside_parent", "parent_uncovered", "code_bad", "code_doubled",
  "household_in_no_grid", "household_in_other_grid", "household_off_building", "grid_too_large", "grid_too_small",
  "grid_without_leader", "grid_without_worker", "grid_nobody_on_duty", "street_apart", "building_overlap", "address_doubled",
];

/* `pick(kind)` when one is pressed; null is all of them. */
export function drawKinds(box, counts, chosen, pick) {
  const focused = box.contains(document.activeElement) ? document.activeElement.dataset.kind : null;
  const all = KINDS.reduce((sum, kind) => sum + (counts[kind] ?? 0), 0);
  const row = (kind, count) => {
    const pressed = String(chosen === kind);
    const name = t(kind ? `ground_fault.${kind}` : "quality.all");
    return el("li", {}, el("button", { class: count ? "kind-row" : "kind-row zero", "data-kind": kind ?? "", "aria-pressed": pressed, onclick: () => pick(kind) }, el("span", {}, name), el("b", {}, number(count))));
  };
  box.replaceChildren(row(null, all), ...KINDS.map((kind) => row(kind, counts[kind] ?? 0)));
  if (focused !== null) box.querySelector(`[data-kind="${focused}"]`)?.focus({ preventScroll: true });
}
