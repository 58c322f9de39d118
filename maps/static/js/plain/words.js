/* How these pages say times, places and roles, and the marks that stand beside words. */
import { el } from "../common/dom.js";
import { named, t } from "../common/texts.js";
import { clock, day, now, sameDay } from "../common/time.js";

/* The clock on the same day, else the day with it. */
export function moment(at) {
  return sameDay(at, now()) ? t("plain.today", { time: clock(at) }) : `${day(at)} ${clock(at)}`;
}

/* Where a role counts: area and layer, or the whole town. */
export function scopeOf({ area, layer }) {
  return [area ? area.name : t("plain.whole_town"), layer ? named(layer) : ""].filter(Boolean).join(" · ");
}

const MARKS = {
  done: "M5 12.5 10 17.5 19 7",
  refused: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM5.8 5.8 18.2 18.2",
  failed: "M12 3 22 20.5H2zM12 9.5v5M12 17v.8",
  locked: "M5 11h14v9H5zM8 11V8a4 4 0 0 1 8 0v3",
};

const SVG = document.querySelector("svg").namespaceURI;

export function mark(kind) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `mark-${kind}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", MARKS[kind]);
  svg.append(path);
  return svg;
}

export const badge = (kind, text) => el("span", { class: `badge ${kind}` }, MARKS[kind] ? mark(kind) : "", text);

export const chip = (text, more) => el("span", { class: "chip" }, text, more ? el("small", {}, more) : "");
