/* The legend: exactly what is on the screen now, nothing else. */
import { arrange, el } from "../common/dom.js";
import { borderSign, incidentSign, personSign, URGENCIES } from "../common/symbols.js";
import { named, t, word } from "../common/texts.js";
import { overdue } from "../common/time.js";
import { borderOf } from "../map/paint.js";

const STATES = ["free", "busy", "stale", "lost"];

const border = ({ rank, level, level_name: name, level_name_en: english }) =>
  line(borderSign(borderOf(rank)), t("wall.sign_border", { level: named({ code: level, name, name_en: english }) }));
const line = (sign, text) => el("li", {}, sign, el("span", {}, text));

function stepNames(steps) {
  return steps.map((from, place) => {
    const next = steps[place + 1];
    if (next === undefined) return `≥ ${from}`;
    return next - from > 1 ? `${from}–${next - 1}` : String(from);
  });
}

/* The five blues, each with its count. */
function shades(steps) {
  const names = stepNames(steps);
  const boxes = names.map((name, place) => el("li", {}, el("i", { class: `shade shade-${place + 1}` }), el("span", {}, name)));
  return el("div", { class: "shades" }, el("p", {}, t("wall.sign_grids")), el("ol", {}, ...boxes));
}

export class Legend {
  constructor(box, steps) {
    this.box = box;
    this.steps = steps;
  }

  draw({ map, levels }, incidents, workers, grouped) {
    const view = map.getBounds();
    const seen = incidents.filter((incident) => view.contains([incident.lat, incident.lng]));
    const states = new Set();
    let units = false;
    for (const { lat, lng, kind, state } of workers) {
      if (!lat || !view.contains([lat, lng])) continue;
      if (kind === "person" || kind === undefined) states.add(state);
      else units ||= state !== "off";
    }
    const signs = [
      ...URGENCIES.filter((urgency) => seen.some((incident) => incident.urgency === urgency)),
      ...(seen.some((incident) => incident.waiting) ? ["waiting"] : []),
      ...(seen.some((incident) => overdue(incident)) ? ["overdue"] : []),
      ...(grouped ? ["count"] : []),
    ];
    const people = STATES.filter((state) => states.has(state));
    const key = [...signs, "|", ...people, units, ...levels.map(({ level }) => level)].join();
    if (key === this.key) return;
    this.key = key;
    arrange(this.box, [
      el("ul", {}, ...signs.map((name) => this.sign(name)), ...people.map((state) => line(personSign(state), word("state", state))), ...(units ? [line(personSign("free", "team"), t("wall.sign_units"))] : []), ...levels.map(border)),
      shades(this.steps),
    ]);
  }

  sign(name) {
    if (URGENCIES.includes(name)) return line(incidentSign({ urgency: name }), word("urgency", name));
    if (name === "count") return line(incidentSign({ urgency: "ordinary", count: 3 }), t("wall.sign_count"));
    return line(incidentSign({ urgency: "none", [name]: true }), t(`wall.sign_${name}`));
  }
}
