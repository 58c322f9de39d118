/* What is asked for, kept in the address so that a view can be shared: a period, a part of the town, how it is broken down. */
import { isDay, PERIODS, spanOf } from "./period.js";

const KEPT = ["period", "from", "to", "area", "layer", "category", "by", "level", "show"];
const CODE = /^[\w.-]{1,64}$/;
const FIRST = { period: "30d", by: "area", show: "closure_rate" };

function read() {
  const given = new URLSearchParams(location.search);
  const found = Object.fromEntries(KEPT.map((key) => [key, given.get(key)]).filter(([, value]) => value && CODE.test(value)));
  if (!PERIODS.includes(found.period)) delete found.period;
  const own = isDay(found.from) && isDay(found.to) && found.from <= found.to;
  if (own) found.period = "custom";
  else if (found.period === "custom") delete found.period;
  if (!own) delete found.from, delete found.to;
  return { ...FIRST, ...found };
}

export class View {
  /* `changed(view)` is told of each change, also by the browser's own way back. */
  constructor(changed) {
    this.changed = changed;
    this.now = read();
    window.addEventListener("popstate", () => {
      this.now = read();
      changed();
    });
  }

  get span() {
    return spanOf(this.now);
  }

  set(patch) {
    const next = { ...this.now, ...patch };
    for (const key of Object.keys(next)) if (next[key] === null || next[key] === undefined || next[key] === "") delete next[key];
    if (next.period !== "custom") delete next.from, delete next.to;
    this.now = { ...FIRST, ...next };
    const query = new URLSearchParams(KEPT.filter((key) => this.now[key] && this.now[key] !== FIRST[key]).map((key) => [key, this.now[key]]));
    const address = String(query) ? `?${query}` : location.pathname;
    if (address !== (location.search || location.pathname)) history.pushState(null, "", address);
    this.changed();
  }

  /* What the server is asked, without empty parts. */
  query(more = {}) {
    const { area, layer, category } = this.now;
    const asked = { ...this.span, area, layer, category, ...more };
    return new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== undefined && value !== null && value !== ""));
  }
}
