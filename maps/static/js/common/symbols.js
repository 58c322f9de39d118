/* The signs of the map, drawn once and used everywhere: list, map, drawer, legend. Colours come from the style sheet. */
const node = (tag, attributes) => {
  const made = L.SVG.create(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
};

const SHAPES = {
  emergency: () => node("path", { d: "M20 7.5 32.5 20 20 32.5 7.5 20z" }),
  urgent: () => node("path", { d: "M20 8.5 31.5 28.5H8.5z" }),
  ordinary: () => node("circle", { cx: 20, cy: 20, r: 10 }),
};
export const URGENCIES = ["emergency", "urgent", "ordinary"];

/* Urgency `none` draws the rings alone, for the legend and the figures. */
export function incidentSign({ urgency, waiting = false, overdue = false, count = 0 }) {
  const sign = node("svg", { viewBox: "0 0 40 40", class: `sign ${urgency}`, "aria-hidden": "true" });
  if (urgency !== "none") {
    const shape = (SHAPES[urgency] ?? SHAPES.ordinary)();
    shape.setAttribute("class", "shape");
    sign.append(shape);
  }
  if (waiting) sign.append(node("circle", { cx: 20, cy: 20, r: 15, class: "ring" }));
  if (overdue) sign.append(node("circle", { cx: 20, cy: 20, r: 18.5, class: "ring late" }));
  if (count > 1) {
    const figure = node("text", { x: 20, y: urgency === "urgent" ? 26 : 24.5, class: "count" });
    figure.textContent = count > 99 ? "99+" : String(count);
    sign.append(figure);
  }
  return sign;
}

/* A person is round; a team, a station, a department is square. */
export function personSign(state, kind = "person") {
  const sign = node("svg", { viewBox: "0 0 40 40", class: `sign person ${state}`, "aria-hidden": "true" });
  if (kind !== "person") sign.append(node("rect", { x: 12, y: 12, width: 16, height: 16, rx: 1.5 }));
  else if (state === "lost") sign.append(node("path", { d: "M13 13 27 27M27 13 13 27" }));
  else sign.append(node("circle", { cx: 20, cy: 20, r: 8 }));
  return sign;
}

/* A piece of a border, as wide and as broken as on the map. */
export function borderSign({ width, dashes }) {
  const sign = node("svg", { viewBox: "0 0 40 40", class: "sign border", "aria-hidden": "true" });
  sign.append(node("line", { x1: 2, y1: 20, x2: 38, y2: 20, "stroke-width": width * 1.6, "stroke-dasharray": dashes.join(" ") || "none" }));
  return sign;
}
