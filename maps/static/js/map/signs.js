/* Open incidents on the map: in the town one sign with a count per grid, in the street one sign each. */
import { calm } from "../common/dom.js";
import { incidentSign, URGENCIES } from "../common/symbols.js";
import { named, t, word } from "../common/texts.js";
import { overdue } from "../common/time.js";

const CLOSE = 22; // px between two signs that would cover each other

function worst(incidents) {
  return URGENCIES.find((urgency) => incidents.some((incident) => incident.urgency === urgency)) ?? "ordinary";
}

/* What belongs under one sign: by grid in the town, by what would overlap in the street. */
function gather(map, incidents, eachFrom) {
  const groups = [];
  const byGrid = new Map();
  for (const incident of incidents) {
    const point = map.latLngToLayerPoint([incident.lat, incident.lng]);
    const byName = map.getZoom() < eachFrom && incident.grid?.code;
    const group = byName ? byGrid.get(byName) : groups.find((other) => !other.grid && other.point.distanceTo(point) < CLOSE);
    if (group) {
      group.incidents.push(incident);
      continue;
    }
    const made = { grid: byName || null, point, incidents: [incident] };
    if (byName) byGrid.set(byName, made);
    groups.push(made);
  }
  return groups;
}

export class Signs {
  /* `on` = {one(id), many(ids)}: what a click opens. */
  constructor(map, options, categories, on) {
    Object.assign(this, { map, options, categories, on });
    map.createPane("signs").style.zIndex = "600";
    this.layer = L.layerGroup().addTo(map);
    this.shown = new Map(); // key -> {marker, look}
    this.incidents = [];
    this.chosen = null;
    this.fresh = new Set();
    map.on("zoomend moveend", () => this.draw());
  }

  set(incidents, fresh) {
    this.incidents = incidents;
    this.fresh = fresh;
    this.draw();
  }

  choose(id) {
    this.chosen = id;
    this.draw();
  }

  draw() {
    const view = this.map.getBounds().pad(0.3);
    const visible = this.incidents.filter((incident) => view.contains([incident.lat, incident.lng]));
    const kept = new Set();
    for (const group of gather(this.map, visible, this.options.each_from)) {
      const look = this.look(group);
      kept.add(look.key);
      const ids = group.incidents.map((incident) => incident.id);
      const before = this.shown.get(look.key);
      if (before?.look.same === look.same) {
        before.ids = ids;
        continue;
      }
      if (before) this.layer.removeLayer(before.marker);
      this.shown.set(look.key, { marker: this.marker(group, look), look, ids });
    }
    for (const [key, { marker }] of this.shown) {
      if (kept.has(key)) continue;
      this.layer.removeLayer(marker);
      this.shown.delete(key);
    }
  }

  look({ grid, incidents }) {
    const count = incidents.length;
    const mean = (key) => incidents.reduce((sum, incident) => sum + incident[key], 0) / count;
    const look = {
      small: this.map.getZoom() < 14,
      urgency: worst(incidents),
      waiting: incidents.some((incident) => incident.waiting),
      overdue: incidents.some((incident) => overdue(incident)),
      chosen: incidents.some((incident) => incident.id === this.chosen),
      count,
      lat: mean("lat"),
      lng: mean("lng"),
    };
    const key = grid ?? incidents.map((incident) => incident.id).join();
    return { ...look, key, same: JSON.stringify(look) };
  }

  title({ incidents }) {
    const [first] = incidents;
    if (incidents.length === 1) return `${named(this.categories.get(first.category)) || first.category} · ${word("urgency", first.urgency)}`;
    const place = first.grid?.name;
    return place ? t("wall.n_in", { name: place, n: incidents.length }) : t("wall.together", { n: incidents.length });
  }

  marker(group, look) {
    const sign = incidentSign(look);
    const fresh = group.incidents.some((incident) => this.fresh.has(incident.id)) && !calm.matches;
    const side = (look.count > 1 ? 50 : 42) * (look.small ? 0.8 : 1);
    const marker = L.marker([look.lat, look.lng], {
      pane: "signs",
      title: this.title(group),
      alt: this.title(group),
      icon: L.divIcon({
        html: sign,
        className: `incident${look.chosen ? " chosen" : ""}${fresh ? " fresh" : ""}`,
        iconSize: [side, side],
      }),
      zIndexOffset: 1000 * (3 - URGENCIES.indexOf(look.urgency)) + (look.chosen ? 9000 : 0),
    });
    marker.on("click", () => {
      const { ids } = this.shown.get(look.key);
      if (ids.length === 1) this.on.one(ids[0]);
      else this.on.many(ids);
    });
    return marker.addTo(this.layer);
  }

  /* Where names may not be written: circles in layer pixels. */
  places() {
    return [...this.shown.values()].map(({ look }) => {
      const { x, y } = this.map.latLngToLayerPoint([look.lat, look.lng]);
      return { x, y, r: look.count > 1 ? 24 : 19 };
    });
  }
}
