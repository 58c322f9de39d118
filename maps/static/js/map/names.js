/* Names on the map: streets along their line, areas and grids in their middle, with a halo, never on top of each other. */
import { Overlay } from "./overlay.js";

const HAN = /[\u3400-\u9fff]/;
const FROM = { main: 14, secondary: 15, lane: 17, path: 18 };
const RANK = { main: 0, secondary: 1, lane: 2, path: 3 };
/* Of the levels that are there, the one above the grids first: from which zoom and below which their areas are named, and how
   large. The uppermost is named from afar, whichever it is. */
const LEVELS = [
  { from: 13, below: 16, scale: 1.1 },
  { from: 11, below: 14, scale: 1.25 },
  { from: 0, below: 13, scale: 1.4 },
];
const APART = 420; // px between two names of the same street
const PLACES = [0.5, 0.3, 0.7, 0.15, 0.85]; // where along a street its name is tried
const LINES = [0, 1.3, -1.3, 2.6, -2.6]; // where above or below its middle the name of an area is tried, in letters

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/* Boxes already taken, as circles: a name is a chain of letters, each about as wide as high. */
class Taken {
  constructor() {
    this.cells = new Map();
  }

  *#keys(x, y, r) {
    for (let i = Math.floor((x - r) / 64); i <= Math.floor((x + r) / 64); i++) {
      for (let j = Math.floor((y - r) / 64); j <= Math.floor((y + r) / 64); j++) yield `${i}:${j}`;
    }
  }

  free(dots) {
    return dots.every(({ x, y, r }) => {
      for (const key of this.#keys(x, y, r)) {
        for (const other of this.cells.get(key) ?? []) {
          if (Math.hypot(other.x - x, other.y - y) < other.r + r) return false;
        }
      }
      return true;
    });
  }

  take(dots) {
    for (const dot of dots) {
      for (const key of this.#keys(dot.x, dot.y, dot.r)) {
        if (!this.cells.has(key)) this.cells.set(key, []);
        this.cells.get(key).push(dot);
      }
    }
  }
}

function measure(line) {
  const along = [0];
  for (let i = 1; i < line.length; i++) {
    along.push(along[i - 1] + Math.hypot(line[i].x - line[i - 1].x, line[i].y - line[i - 1].y));
  }
  return along;
}

function pointAt(line, along, distance) {
  let i = 1;
  while (i < line.length - 1 && along[i] < distance) i++;
  const share = (distance - along[i - 1]) / (along[i] - along[i - 1] || 1);
  const a = line[i - 1];
  const b = line[i];
  return { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share, turn: Math.atan2(b.y - a.y, b.x - a.x) };
}

/* Letters of `name` along `line` around `share` of its length: left to right, or top to bottom upright on a steep street. */
function alongLine(ink, name, line, size, share) {
  const along = measure(line);
  const total = along[along.length - 1];
  const han = HAN.test(name);
  const letters = [...name];
  const gap = han ? size * 0.35 : 0;
  const widths = letters.map((letter) => ink.measureText(letter).width + gap);
  const needed = widths.reduce((sum, width) => sum + width, 0);
  if (total < needed * 1.25) return null;
  const start = clamp(total * share - needed / 2, 0, total - needed);
  const middle = pointAt(line, along, start + needed / 2);
  const steep = han && Math.abs(Math.sin(middle.turn)) > 0.77;
  const backwards = steep ? Math.sin(middle.turn) < 0 : Math.cos(middle.turn) < 0;
  let at = backwards ? total - start - needed : start;
  const placed = letters.map((letter, place) => {
    const distance = at + widths[place] / 2;
    at += widths[place];
    const spot = pointAt(line, along, backwards ? total - distance : distance);
    const turn = spot.turn + (backwards ? Math.PI : 0) - (steep ? Math.PI / 2 : 0);
    return { letter, x: spot.x, y: spot.y, turn, r: size * 0.55 };
  });
  const bend = Math.max(...placed.map((spot) => Math.abs(Math.sin((spot.turn - placed[0].turn) / 2))));
  return bend > 0.45 ? null : placed;
}

/* Two pieces of one thing: their common middle, or for winding ground the larger piece's. */
function join(a, b, largest) {
  if (!a) return b;
  if (largest) return Math.abs(a.area) > Math.abs(b.area) ? a : b;
  const left = Math.min(a.left, b.left);
  const right = Math.max(a.right, b.right);
  const top = Math.min(a.top, b.top);
  const bottom = Math.max(a.bottom, b.bottom);
  return { name: a.name, x: a.x + b.x, y: a.y + b.y, area: a.area + b.area, left, right, top, bottom };
}

export const Names = Overlay.extend({
  initialize(town, colours) {
    Overlay.prototype.initialize.call(this, "names", 430);
    this.town = town;
    this.colours = colours;
    this.signs = () => []; // circles {x, y, r} in layer pixels that a name never covers
    this.people = () => []; // and those it avoids where it can
  },

  onAdd(map) {
    Overlay.prototype.onAdd.call(this, map);
    this.size3 = window.innerWidth >= 1600 ? 16 : 13;
    this.town.on("read load", this.later, this);
  },

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => !this._map?._animatingZoom && this.draw(), 120);
  },

  /* Every line and polygon of a layer in pixels of this canvas. */
  *features(layer) {
    const origin = this._map.getPixelOrigin();
    const scale = this.town.scale();
    for (const tile of this.town.tiles()) {
      const dx = tile.at.x * 512 * scale - origin.x - this.origin.x;
      const dy = tile.at.y * 512 * scale - origin.y - this.origin.y;
      for (const feature of tile.layers[layer] ?? []) {
        yield { feature, parts: feature.geometry.map((part) => part.map((p) => ({ x: p.x * scale + dx, y: p.y * scale + dy }))) };
      }
    }
  },

  paint(ink) {
    if (Math.round(this._map.getZoom()) !== this.town._tileZoom) return;
    const taken = new Taken();
    const people = new Taken();
    const here = ({ x, y, r }) => ({ x: x - this.origin.x, y: y - this.origin.y, r });
    taken.take(this.signs().map(here));
    people.take(this.people().map(here));
    ink.textAlign = "center";
    ink.textBaseline = "middle";
    ink.lineJoin = "round";
    const zoom = this._map.getZoom();
    const middles = (layer, rank, scale) => this.middles(ink, { taken, people, layer, rank, scale });
    this.levels().forEach(({ rank, from, below, scale }) => zoom >= from && zoom < below && middles("areas", rank, scale));
    this.streets(ink, taken, people, zoom);
    if (zoom >= 16) middles("grids", null, 1);
    if (zoom >= 17) middles("buildings", null, 0.9);
    if (zoom >= 14) middles("ground", null, 0.95);
    if (zoom >= 17) this.numbers(ink, taken, people);
  },

  levels() {
    const ranks = new Set();
    for (const { feature } of this.features("areas")) ranks.add(feature.properties.rank);
    const deepest = [...ranks].sort((a, b) => b - a);
    const named = deepest.map((rank, place) => ({ rank, ...(LEVELS[place] ?? LEVELS.at(-1)) }));
    if (named.length) named.at(-1).from = 0;
    return named.reverse();
  },

  /* House numbers where there is room: one that would cover a name, a sign or a person is left out. */
  numbers(ink, taken, people) {
    const size = this.font(ink, Math.round(this.size3 * 0.78));
    for (const { feature, parts } of this.features("addresses")) {
      const { number } = feature.properties;
      const { x, y } = parts[0][0];
      const spot = this.spot(x, y, ink.measureText(number).width, size);
      if (!taken.free(spot.dots) || !people.free(spot.dots)) continue;
      taken.take(spot.dots);
      this.written(ink, number, spot);
    }
  },

  written(ink, name, { x, y }, colour = this.colours["label-2"]) {
    ink.strokeStyle = this.colours.halo;
    ink.lineWidth = 3.5;
    ink.strokeText(name, x, y);
    ink.fillStyle = colour;
    ink.fillText(name, x, y);
  },

  font(ink, size) {
    ink.font = `500 ${size}px ${getComputedStyle(document.body).fontFamily}`;
    return size;
  },

  streets(ink, taken, people, zoom) {
    const size = this.font(ink, this.size3);
    const lines = [];
    for (const { feature, parts } of this.features("streets")) {
      const { name, class: rank } = feature.properties;
      if (!name || zoom < (FROM[rank] ?? 17)) continue;
      for (const part of parts) if (part.length > 1) lines.push({ name, rank, part, long: measure(part).at(-1) });
    }
    lines.sort((a, b) => (RANK[a.rank] ?? 2) - (RANK[b.rank] ?? 2) || b.long - a.long || (a.name < b.name ? -1 : 1));
    const written = new Map();
    for (const { name, part } of lines) {
      const tries = PLACES.map((share) => alongLine(ink, name, part, size, share)).filter(Boolean);
      const letters = tries.find((spots) => taken.free(spots) && people.free(spots)) ?? tries.find((spots) => taken.free(spots));
      if (!letters) continue;
      const middle = letters[letters.length >> 1];
      const before = written.get(name) ?? [];
      if (before.some((spot) => Math.hypot(spot.x - middle.x, spot.y - middle.y) < APART)) continue;
      taken.take(letters);
      written.set(name, [...before, middle]);
      this.letters(ink, letters, this.colours.label);
    }
  },

  letters(ink, letters, colour) {
    const stroke = (paint) => {
      for (const { letter, x, y, turn } of letters) {
        ink.save();
        ink.translate(x, y);
        ink.rotate(turn);
        paint(letter);
        ink.restore();
      }
    };
    ink.strokeStyle = this.colours.halo;
    ink.lineWidth = 3.5;
    stroke((letter) => ink.strokeText(letter, 0, 0));
    ink.fillStyle = colour;
    stroke((letter) => ink.fillText(letter, 0, 0));
  },

  /* Middle of each polygon over the tiles that show it: mean of its pieces, weighted by their area. */
  centres(layer, rank) {
    const found = new Map();
    for (const { feature, parts } of this.features(layer)) {
      const { name, code, rank: its } = feature.properties;
      if (feature.type !== 3 || !name || (rank && its !== rank)) continue;
      const key = code ?? name;
      const sum = { name, x: 0, y: 0, area: 0, left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
      for (const part of parts) {
        let twice = 0;
        let x = 0;
        let y = 0;
        for (let i = 0, j = part.length - 1; i < part.length; j = i++) {
          const cross = part[j].x * part[i].y - part[i].x * part[j].y;
          twice += cross;
          x += (part[j].x + part[i].x) * cross;
          y += (part[j].y + part[i].y) * cross;
          sum.left = Math.min(sum.left, part[i].x);
          sum.right = Math.max(sum.right, part[i].x);
          sum.top = Math.min(sum.top, part[i].y);
          sum.bottom = Math.max(sum.bottom, part[i].y);
        }
        sum.area += twice / 2;
        sum.x += x / 6;
        sum.y += y / 6;
      }
      found.set(key, join(found.get(key), sum, layer === "ground" || layer === "buildings"));
    }
    return [...found.values()].filter((sum) => Math.abs(sum.area) > 1);
  },

  spot(x, y, width, size) {
    const dots = [];
    for (let dx = -width / 2 + size / 2; dx <= width / 2; dx += size) dots.push({ x: x + dx, y, r: size * 0.6 });
    return { x, y, dots };
  },

  middles(ink, { taken, people, layer, rank, scale }) {
    const size = this.font(ink, Math.round(this.size3 * scale));
    for (const { name, x, y, area, left, right, top, bottom } of this.centres(layer, rank)) {
      const width = ink.measureText(name).width;
      if (width > (right - left) * 0.95) continue;
      const lines = LINES.filter((line) => Math.abs(line) * size < (bottom - top) / 2 - size);
      const spots = lines.map((line) => this.spot(x / area, y / area + line * size, width, size));
      const free = spots.filter((spot) => taken.free(spot.dots));
      const at = free.find((spot) => people.free(spot.dots)) ?? (layer === "areas" ? free[0] : null);
      if (!at) continue;
      taken.take(at.dots);
      this.written(ink, name, at, layer === "areas" ? this.colours.label : undefined);
    }
  },
});
