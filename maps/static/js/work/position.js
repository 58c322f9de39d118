/* Where this phone is: shown on the map, sent when it moved or a minute has passed, never queued (only the latest counts).
   A phone that lies still gets no new position from its device: then it says each minute that it lives and has not moved. */
import { call, post } from "../common/api.js";
import { now } from "../common/time.js";

const EVERY = 60000; // ms; a fix is fresh for five minutes
const MOVED = 15; // m
const SOONEST = 5000; // ms between two positions sent

export class Position {
  /* `on` = {here({lat, lng, accuracy}), changed()}. */
  constructor(on) {
    this.on = on;
    this.state = "unknown"; // unknown, ask, on, denied
    this.sentAt = null;
    this.blind = false; // the device could not say where it is
    setInterval(() => this.#send(), EVERY / 4);
  }

  async start(worker) {
    this.worker = worker;
    if (this.state === "on") return;
    if (!navigator.geolocation) return this.#set("denied");
    const permission = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
    permission?.addEventListener("change", () => permission.state === "granted" && this.watch());
    if (permission?.state === "granted") return this.watch();
    return this.#set(permission?.state === "denied" ? "denied" : "ask");
  }

  watch() {
    if (this.watching !== undefined) return;
    this.#set("on");
    const options = { enableHighAccuracy: true, maximumAge: 5000, timeout: 30000 };
    this.watching = navigator.geolocation.watchPosition((fix) => this.#take(fix), (refusal) => this.#refused(refusal), options);
  }

  #take({ coords, timestamp }) {
    const aged = Math.max(0, Date.now() - timestamp);
    this.fix = { lat: coords.latitude, lng: coords.longitude, accuracy: coords.accuracy, at: now() - aged };
    this.blind = false;
    this.on.here(this.fix);
    this.#send();
  }

  #refused(refusal) {
    this.blind = true; // nobody knows whether it moved
    if (refusal.code !== refusal.PERMISSION_DENIED) return;
    navigator.geolocation.clearWatch(this.watching);
    this.watching = undefined;
    this.#set("denied");
  }

  async #send() {
    const { fix, last } = this;
    if (!fix || !this.worker || this.sending) return;
    const since = now() - (this.sentAt ?? 0);
    const moved = !last || L.latLng(fix.lat, fix.lng).distanceTo([last.lat, last.lng]) > MOVED;
    if (since < (moved ? SOONEST : EVERY)) return;
    this.sending = true;
    try {
      await (moved || fix.at !== last.at ? this.#tell(fix) : this.#beat());
      this.sentAt = now();
    } catch (problem) {
      if (problem.code === "never_seen") this.last = null; // the next quarter of a minute tells it anew, or tries again
    }
    this.sending = false;
    this.on.changed();
  }

  async #tell(fix) {
    const body = { lng: fix.lng, lat: fix.lat, datum: "wgs84", accuracy_m: fix.accuracy, fixed_at: new Date(fix.at).toISOString() };
    await call("PUT", `${this.#path}/position`, body);
    this.last = fix;
  }

  async #beat() {
    await post(`${this.#path}/heartbeat`, { still: !this.blind });
  }

  get #path() {
    return `/api/workers/${encodeURIComponent(this.worker)}`;
  }

  #set(state) {
    this.state = state;
    this.on.changed();
  }
}
