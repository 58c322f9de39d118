/* What part of the town the map shows, so that nothing asked for lies under a panel. */
import { $, calm } from "../common/dom.js";

const EDGE = 24; // px
const NARROW = 700; // px: below, the panels stand under the map

export class View {
  constructor(map) {
    this.map = map;
  }

  /* Room the drawer takes from the map, as Leaflet's paddings. */
  room() {
    const wide = window.innerWidth > NARROW;
    const edge = wide ? EDGE : EDGE / 3;
    const left = wide && !$("drawer").hidden ? $("drawer").offsetWidth : 0;
    return { paddingTopLeft: L.point(left + edge, edge), paddingBottomRight: L.point(edge, edge) };
  }

  /* The whole town, beside the legend where that costs next to no zoom. */
  whole([west, south, east, north], animate = !calm.matches) {
    const bounds = L.latLngBounds([south, west], [north, east]);
    const { paddingTopLeft, paddingBottomRight } = this.room();
    const beside = paddingTopLeft.add([$("legend").offsetWidth, 0]);
    const zoom = (corner) => this.map.getBoundsZoom(bounds, false, corner.add(paddingBottomRight));
    const corner = zoom(paddingTopLeft) - zoom(beside) <= 0.5 ? beside : paddingTopLeft;
    this.map.fitBounds(bounds, { paddingTopLeft: corner, paddingBottomRight, animate });
  }

  goTo({ lat, lng }, zoom = 17) {
    const { paddingTopLeft: a, paddingBottomRight: b } = this.room();
    const target = Math.max(this.map.getZoom(), zoom);
    const shift = b.subtract(a).divideBy(2);
    const centre = this.map.unproject(this.map.project([lat, lng], target).add(shift), target);
    this.map.setView(centre, target, { animate: !calm.matches });
  }

  /* Move the map just so far that a place the drawer would hide stands beside it. */
  clear(latlng) {
    const hidden = this.room().paddingTopLeft.x + EDGE - this.map.latLngToContainerPoint(latlng).x;
    if (hidden > 0) this.map.panBy([-hidden - EDGE, 0], { animate: !calm.matches });
  }

  /* So near that these stand apart, if any zoom can do that. */
  apart(rows) {
    const bounds = L.latLngBounds(rows.map((row) => [row.lat, row.lng])).pad(0.2);
    const zoom = this.map.getZoom();
    if (zoom >= Math.min(this.map.getBoundsZoom(bounds), 18)) return;
    this.map.fitBounds(bounds, { ...this.room(), maxZoom: Math.max(16, zoom + 1), animate: !calm.matches });
  }
}
