/* A canvas over the whole view that pans with the map, scales with a zoom, and is drawn anew when it ends. */
const AROUND = 0.15; // share of the view drawn beyond each edge, so that a pan does not bare it

export const Overlay = L.Layer.extend({
  initialize(pane, order) {
    this.pane = pane;
    this.order = order;
  },

  onAdd(map) {
    if (!map.getPane(this.pane)) map.createPane(this.pane).style.zIndex = String(this.order);
    const pane = map.getPane(this.pane);
    pane.style.pointerEvents = "none";
    this.canvas = L.DomUtil.create("canvas", "leaflet-zoom-animated", pane);
    this.canvas.setAttribute("aria-hidden", "true");
    this.reset();
  },

  onRemove() {
    this.canvas.remove();
  },

  getEvents() {
    return { viewreset: this.reset, moveend: this.reset, resize: this.reset, zoomanim: this.follow };
  },

  reset() {
    const map = this._map;
    const size = map.getSize();
    const margin = size.multiplyBy(AROUND).round();
    this.origin = map.containerPointToLayerPoint(margin.multiplyBy(-1)).round();
    this.size = size.add(margin.multiplyBy(2));
    this.zoom = map.getZoom();
    this.corner = map.layerPointToLatLng(this.origin);
    const density = window.devicePixelRatio || 1;
    this.canvas.width = this.size.x * density;
    this.canvas.height = this.size.y * density;
    this.canvas.style.width = `${this.size.x}px`;
    this.canvas.style.height = `${this.size.y}px`;
    L.DomUtil.setPosition(this.canvas, this.origin);
    this.draw();
  },

  follow(event) {
    const scale = this._map.getZoomScale(event.zoom, this.zoom);
    const offset = this._map._latLngToNewLayerPoint(this.corner, event.zoom, event.center);
    L.DomUtil.setTransform(this.canvas, offset, scale);
  },

  draw() {
    if (!this._map) return;
    const density = window.devicePixelRatio || 1;
    const ink = this.canvas.getContext("2d");
    ink.setTransform(density, 0, 0, density, 0, 0);
    ink.clearRect(0, 0, this.size.x, this.size.y);
    this.paint(ink, (lat, lng) => this._map.latLngToLayerPoint([lat, lng])._subtract(this.origin));
  },
});
