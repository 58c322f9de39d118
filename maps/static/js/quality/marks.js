/* Faults on the map: shapes and a dot for each, the chosen one larger; a click says which. Two borders for a proposal. */
import { calm } from "../common/dom.js";

const CLOSE = 17.5; // zoom for a fault without a shape
const AROUND = 0.6; // how much ground is shown around a shape, as a share of it

/* Kinds that are told of a whole grid: its border is shown, its ground not painted over. */
const OF_A_GRID = new Set(["grid_too_large", "grid_too_small", "grid_without_leader", "grid_without_worker", "grid_nobody_on_duty", "code_bad"]);

const isGround = (shape) => shape && shape.type !== "Point" && shape.type !== "MultiPoint";

export class Marks {
  /* `open(id)` is asked for by a click. */
  constructor(map, open) {
    Object.assign(this, { map, open, dots: new Map(), shapes: new Map(), chosen: null });
    map.createPane("faults").style.zIndex = "450";
    map.createPane("dots").style.zIndex = "460";
    this.layer = L.layerGroup().addTo(map);
  }

  clear() {
    this.layer.clearLayers();
    this.dots.clear();
    this.shapes.clear();
    this.chosen = null;
  }

  faults(list) {
    this.clear();
    for (const fault of list) {
      if (isGround(fault.shape)) {
        const shape = L.geoJSON(fault.shape, { pane: "faults", className: OF_A_GRID.has(fault.kind) ? "fault-shape whole" : "fault-shape" });
        shape.on("click", () => this.open(fault.id));
        this.shapes.set(fault.id, shape.addTo(this.layer));
      }
      if (fault.lng !== null) {
        const dot = L.circleMarker([fault.lat, fault.lng], { pane: "dots", radius: 7, className: "fault-dot" });
        dot.on("click", () => this.open(fault.id));
        this.dots.set(fault.id, dot.addTo(this.layer));
      }
    }
  }

  /* Before and after of each shape; a click on either says which. */
  proposal(features) {
    this.clear();
    for (const feature of features) {
      const { code, was } = feature.properties;
      const both = L.featureGroup();
      if (was) both.addLayer(L.geoJSON(was, { pane: "faults", className: "border-was" }));
      both.addLayer(L.geoJSON(feature.geometry, { pane: "faults", className: "border-new" }));
      both.on("click", () => this.open(code));
      this.shapes.set(code, both.addTo(this.layer));
    }
    this.whole();
  }

  choose(id) {
    if (this.chosen === id) return;
    this.#mark(this.chosen, false);
    this.chosen = id;
    this.#mark(id, true);
  }

  #mark(id, chosen) {
    const dot = this.dots.get(id);
    dot?.setRadius(chosen ? 11 : 7);
    dot?.getElement()?.classList.toggle("chosen", chosen);
    this.shapes.get(id)?.eachLayer((layer) => this.#markLine(layer, chosen));
    if (chosen) dot?.bringToFront();
  }

  #markLine(layer, chosen) {
    if (layer.eachLayer) layer.eachLayer((part) => this.#markLine(part, chosen));
    layer.getElement?.()?.classList.toggle("chosen", chosen);
    if (chosen) layer.bringToFront?.();
  }

  goTo(id) {
    const shape = this.shapes.get(id);
    const dot = this.dots.get(id);
    const animate = !calm.matches;
    if (shape) this.map.fitBounds(shape.getBounds().pad(AROUND), { maxZoom: 18, animate });
    else if (dot) this.map.setView(dot.getLatLng(), Math.max(this.map.getZoom(), CLOSE), { animate });
  }

  /* All that is marked; nothing moves where nothing is. */
  whole() {
    const bounds = L.latLngBounds([]);
    for (const shape of this.shapes.values()) bounds.extend(shape.getBounds());
    for (const dot of this.dots.values()) bounds.extend(dot.getLatLng());
    if (bounds.isValid()) this.map.fitBounds(bounds.pad(0.15), { maxZoom: 17, animate: false });
  }
}
