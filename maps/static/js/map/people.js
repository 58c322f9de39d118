/* Everybody on duty on one canvas: a ring is free, a disc is on a task, dashed is an old fix, a cross is lost, a square is a unit. */
import { calm } from "../common/dom.js";
import { Overlay } from "./overlay.js";

const MOVE = 900; // ms a step takes: the server sends at most one a second
const JUMP = 160; // px: farther than this is a correction, not a walk

export const People = Overlay.extend({
  initialize(colours) {
    Overlay.prototype.initialize.call(this, "people", 440);
    this.colours = colours;
    this.people = new Map(); // id -> {lat, lng, state, from, since}
    this.bright = null; // states shown in full; the others step back
  },

  set(workers) {
    this.people = new Map(workers.map((worker) => [worker.id, { ...worker }]));
    this.draw();
  },

  /* New positions and states; a walk is drawn as a walk, anything else at once. */
  change(workers) {
    const start = performance.now();
    for (const worker of workers) {
      const before = this.people.get(worker.id);
      const after = { ...before, ...worker };
      if (before && this.walks(before, after)) Object.assign(after, { from: this.place(before, start), since: start });
      else after.since = undefined;
      this.people.set(worker.id, after);
    }
    if (document.hidden) return;
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame((at) => this.step(at));
  },

  walks(before, after) {
    if (calm.matches || document.hidden || !this._map || before.lat === undefined) return false;
    const a = this._map.latLngToLayerPoint([before.lat, before.lng]);
    const px = a.distanceTo(this._map.latLngToLayerPoint([after.lat, after.lng]));
    return px > 0.5 && px < JUMP;
  },

  place(person, at) {
    if (person.since === undefined) return person;
    const share = Math.min(1, (at - person.since) / MOVE);
    const { lat, lng } = person.from;
    return { lat: lat + (person.lat - lat) * share, lng: lng + (person.lng - lng) * share };
  },

  step(at) {
    if (!this._map?._animatingZoom) this.draw();
    for (const person of this.people.values()) {
      if (person.since !== undefined && at - person.since < MOVE) {
        this.frame = requestAnimationFrame((next) => this.step(next));
        return;
      }
    }
  },

  radius() {
    const zoom = this._map.getZoom();
    if (zoom < 14) return 1.6;
    if (zoom < 15) return 2.6;
    if (zoom < 16) return 3.4;
    return zoom < 17 ? 4.6 : 6.5;
  },

  paint(ink, toPoint) {
    const at = performance.now();
    const r = this.radius();
    for (const person of this.people.values()) {
      if (person.lat === undefined || person.lat === null || person.state === "off") continue;
      const { lat, lng } = this.place(person, at);
      const { x, y } = toPoint(lat, lng);
      if (x < -9 || y < -9 || x > this.size.x + 9 || y > this.size.y + 9) continue;
      ink.globalAlpha = !this.bright || this.bright.has(person.state) ? 1 : 0.25;
      this.sign(ink, { x, y, r }, person);
    }
    ink.globalAlpha = 1;
  },

  sign(ink, { x, y, r }, { state, kind = "person" }) {
    const known = state === "free" || state === "busy";
    const path = () => {
      ink.beginPath();
      if (kind !== "person") ink.rect(x - r, y - r, 2 * r, 2 * r);
      else if (state === "lost") {
        ink.moveTo(x - r, y - r);
        ink.lineTo(x + r, y + r);
        ink.moveTo(x + r, y - r);
        ink.lineTo(x - r, y + r);
      } else ink.arc(x, y, r, 0, 7);
    };
    path();
    ink.strokeStyle = this.colours.halo;
    ink.lineWidth = r > 4 ? 4.5 : r;
    ink.setLineDash([]);
    ink.stroke();
    ink.fillStyle = state === "busy" ? this.colours.person : this.colours.halo;
    if (state !== "lost") ink.fill();
    path();
    ink.strokeStyle = known ? this.colours.person : this.colours["person-off"];
    ink.lineWidth = r > 4 ? 2.2 : r > 2 ? 1.6 : 1.1;
    ink.setLineDash(state === "stale" ? [r * 0.7, r * 0.55] : []);
    ink.stroke();
    ink.setLineDash([]);
  },

  /* Where people stand, as circles in layer pixels. */
  places() {
    const r = this.radius() + 2;
    const seen = [...this.people.values()].filter((person) => person.lat && person.state !== "off");
    return seen.map((person) => ({ ...this.spot(person), r }));
  },

  spot(person) {
    const { x, y } = this._map.latLngToLayerPoint([person.lat, person.lng]);
    return { x, y };
  },

  /* The person whose sign is under a click, or null. */
  at(latlng) {
    const point = this._map.latLngToLayerPoint(latlng);
    let best = null;
    let nearest = this.radius() + 7;
    for (const person of this.people.values()) {
      if (person.lat === undefined || person.state === "off") continue;
      const away = point.distanceTo(this._map.latLngToLayerPoint([person.lat, person.lng]));
      if (away < nearest) [best, nearest] = [person, away];
    }
    return best;
  },
});
