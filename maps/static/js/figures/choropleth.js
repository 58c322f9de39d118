/* The chosen figure on the map: five blues by class, hatched where the cases are too few to say, blank where there were none. */
import { arrange, el } from "../common/dom.js";
import { t } from "../common/texts.js";
import { ink } from "./charts.js";
import { kindOf, said, valueOf } from "./numbers.js";

const CLASSES = 5;
const NONE_STEP = 0; // what a grid is drawn as of which nothing was said
const FEW_STEP = CLASSES + 1;
const ROUND = { share: 0.01, count: 1, duration: 60, mean: 0.1 };

/* Lower ends of at most five classes with about as many areas each, at round values, so that a legend can say them. */
export function classesOf(code, values) {
  const grain = ROUND[kindOf(code)];
  const sorted = [...values].sort((a, b) => a - b);
  const at = (place) => Math.floor(sorted[Math.min(sorted.length - 1, Math.floor((place * sorted.length) / CLASSES))] / grain + 1e-9) * grain;
  return [...new Set(Array.from({ length: CLASSES }, (_, place) => at(place)))];
}

export class Choropleth {
  constructor(map, town, legend) {
    Object.assign(this, { map, town, legend, own: null });
    map.createPane("areas").style.zIndex = "350"; // under the names
    const colours = town.options.colours;
    const colourOf = (step) => (step === NONE_STEP ? ink("outside") : step === FEW_STEP ? this.#hatched() : ink(`class-${step}`));
    for (let step = NONE_STEP; step <= FEW_STEP; step += 1) colours[`ground-${step + 1}`] = colourOf(step); // the map counts from 1
  }

  #hatched() {
    const tile = el("canvas", { width: 8, height: 8 });
    const pen = tile.getContext("2d");
    pen.fillStyle = ink("raised");
    pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = ink("border");
    pen.lineWidth = 1.4;
    for (const shift of [-8, 0, 8]) {
      pen.beginPath();
      pen.moveTo(shift, 8);
      pen.lineTo(shift + 8, 0);
      pen.stroke();
    }
    return pen.createPattern(tile, "repeat");
  }

  /* Grids of a layer that tiles do not show, as GeoJSON; null: those of the tiles. `pick(code)` and `hover(code)` are told. */
  lay(shapes, { pick, hover }) {
    this.own?.remove();
    this.own = shapes && L.geoJSON(shapes, { pane: "areas", className: "own-grid" }).addTo(this.map);
    this.own?.eachLayer((area) => area.on({ click: (event) => (L.DomEvent.stop(event), pick(area.feature.properties)), mouseover: () => hover(area.feature.properties), mouseout: () => hover(null) }));
  }

  #shade(steps) {
    this.town.shade(this.own ? new Map() : steps);
    this.own?.eachLayer((area) => {
      const step = steps.get(area.feature.properties.code) ?? NONE_STEP;
      area.getElement()?.setAttribute("class", `own-grid leaflet-interactive fill-${step}`);
    });
  }

  /* `grids`: code of each grid -> the group that stands for it. */
  draw(code, grids) {
    const worth = (figure) => (kindOf(code) === "count" && figure.value === 0 ? null : valueOf(code, figure)); // no cases are no shade
    const known = [...new Set(grids.values())].map(({ figures }) => figures[code]).filter((figure) => worth(figure) !== null && !figure.few).map(worth);
    const from = known.length ? classesOf(code, known) : [];
    const wide = from.length > 1 ? (CLASSES - 1) / (from.length - 1) : 1; // few classes still reach from the lightest to the darkest
    const step = ({ figures }) => {
      const value = worth(figures[code]);
      if (value === null) return NONE_STEP;
      if (figures[code].few) return FEW_STEP;
      const place = Math.max(0, from.findLastIndex((low) => value >= low - 1e-9));
      return 1 + Math.round(place * wide);
    };
    const steps = new Map([...grids].map(([grid, group]) => [grid, step(group)]));
    this.#shade(steps);
    this.#say(code, from, wide, new Set(steps.values()), known);
  }

  #say(code, from, wide, used, known) {
    const most = known.length ? Math.max(...known) : 0;
    const range = (low, place) => {
      const end = place < from.length - 1 ? Math.max(low, from[place + 1] - ROUND[kindOf(code)]) : most;
      return said(code, low) === said(code, end) ? said(code, low) : t("figures.range", { low: said(code, low), high: said(code, end) });
    };
    const item = (step, text) => el("li", {}, el("i", { class: `class class-${step}` }), text);
    const rows = from.map((low, place) => item(1 + Math.round(place * wide), range(low, place)));
    if (used.has(FEW_STEP)) rows.push(item(FEW_STEP, t("figures.few")));
    if (used.has(NONE_STEP)) rows.push(item(NONE_STEP, t("figures.no_cases")));
    arrange(this.legend, rows);
  }
}
