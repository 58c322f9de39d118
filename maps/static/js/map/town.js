/* The town from vector tiles: one canvas per tile, drawn here in the order a map reads; grids are shaded and found by click. */
import { paintTile } from "./paint.js";

const SIDE = 512; // px; one tile carries what four of 256 would, in a quarter of the requests
/* From which zoom of the map each layer is asked for. */
const FROM = { ground: 10, grids: 10, areas: 10, streets: 12, buildings: 15, addresses: 17 };

function inside(rings, x, y) {
  let odd = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const a = ring[i];
      const b = ring[j];
      if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) odd = !odd;
    }
  }
  return odd;
}

export const TownMap = L.GridLayer.extend({
  options: { tileSize: SIDE, maxZoom: 19, updateWhenZooming: false, keepBuffer: 1, className: "town" },

  initialize(options) {
    L.setOptions(this, options);
    this.readers = new Map(options.layers.map((name) => [name, L.vectorGrid.protobuf(`/tiles/${name}/{z}/{x}/{y}`)]));
    this.shades = new Map(); // grid code -> step 0..4
    this.chosen = null;
    this.failed = 0;
  },

  createTile(coords, done) {
    const tile = L.DomUtil.create("canvas");
    this.read(coords).then((layers) => {
      tile.layers = layers;
      tile.at = coords;
      this.paint(tile);
      done(null, tile);
      this.fire("read");
    });
    return tile;
  },

  /* All layers of one tile, name -> features; a layer that does not come is left out and counted. */
  async read({ x, y, z }) {
    const asked = [...this.readers].filter(([name]) => z >= FROM[name]);
    const at = L.extend(L.point(x, y), { z: z - 1 }); // 512 px at zoom z is the tile of zoom z - 1
    const answers = await Promise.allSettled(asked.map(([, reader]) => reader._getVectorTilePromise(at)));
    const layers = {};
    answers.forEach((answer, row) => {
      const name = asked[row][0];
      if (answer.status === "rejected") this.failed += 1;
      else layers[name] = this.scaled(answer.value.layers[name]);
    });
    if (answers.some((answer) => answer.status === "rejected")) this.fire("missing");
    return layers;
  },

  scaled(layer) {
    if (!layer) return [];
    const scale = SIDE / layer.extent;
    for (const feature of layer.features) {
      for (const ring of feature.geometry) {
        for (const point of ring) {
          point.x *= scale;
          point.y *= scale;
        }
      }
    }
    return layer.features;
  },

  paint(tile) {
    const side = Math.ceil(SIDE * this.scale() * (window.devicePixelRatio || 1));
    if (tile.width !== side) tile.width = tile.height = side;
    const ink = tile.getContext("2d");
    ink.setTransform(side / SIDE, 0, 0, side / SIDE, 0, 0);
    ink.clearRect(0, 0, SIDE, SIDE);
    const look = { colours: this.options.colours, zoom: tile.at.z, shades: this.shades, chosen: this.chosen };
    paintTile(ink, tile.layers, look);
  },

  /* Tiles that have been read, with their corner in layer pixels of the current zoom. */
  tiles() {
    return Object.values(this._tiles).filter((tile) => tile.current && tile.el.layers).map((tile) => tile.el);
  },

  /* How large a tile pixel is on the screen: less than 1 between two zooms. */
  scale() {
    return this._map ? this._map.getZoomScale(this._map.getZoom(), this._tileZoom) : 1;
  },

  /* After a zoom between two levels the same tiles stay: draw them again as fine as they are shown. */
  getEvents() {
    const events = L.GridLayer.prototype.getEvents.call(this);
    return { ...events, zoomend: () => this.tiles().forEach((tile) => this.paint(tile)) };
  },

  repaint(codes) {
    for (const tile of this.tiles()) {
      if ((tile.layers.grids ?? []).some((grid) => codes.has(grid.properties.code))) this.paint(tile);
    }
  },

  /* Shade grids, by code, which outlives a redraw; only tiles with a grid that changed are drawn again. */
  shade(steps) {
    const changed = new Set();
    for (const [code, step] of steps) if (this.shades.get(code) !== step) changed.add(code);
    this.shades = steps;
    if (changed.size) this.repaint(changed);
  },

  choose(code) {
    if (code === this.chosen) return;
    const changed = new Set([this.chosen, code]);
    this.chosen = code;
    this.repaint(changed);
  },

  /* Levels whose borders are in view, uppermost first: of each the properties of one area. */
  levels() {
    const found = new Map();
    const view = this._map.getPixelBounds();
    const scale = this.scale();
    const within = (value) => Math.min(SIDE, Math.max(0, value));
    for (const tile of this.tiles()) {
      const [left, right] = [view.min.x, view.max.x].map((x) => within(x / scale - tile.at.x * SIDE));
      const [top, bottom] = [view.min.y, view.max.y].map((y) => within(y / scale - tile.at.y * SIDE));
      const seen = (a, b) => Math.max(a.x, b.x) > left && Math.min(a.x, b.x) < right && Math.max(a.y, b.y) > top && Math.min(a.y, b.y) < bottom;
      for (const { properties, geometry } of tile.layers.areas ?? []) {
        if (found.has(properties.rank)) continue;
        if (geometry.some((ring) => ring.some((point, place) => place && seen(ring[place - 1], point)))) found.set(properties.rank, properties);
      }
    }
    return [...found.values()].sort((a, b) => a.rank - b.rank);
  },

  gridAt(latlng) {
    const zoom = this._tileZoom;
    if (zoom === undefined) return null;
    const point = this._map.project(latlng, zoom);
    const tile = this._tiles[`${Math.floor(point.x / SIDE)}:${Math.floor(point.y / SIDE)}:${zoom}`]?.el;
    const x = point.x % SIDE;
    const y = point.y % SIDE;
    return tile?.layers?.grids?.find((grid) => grid.type === 3 && inside(grid.geometry, x, y))?.properties ?? null;
  },
});
