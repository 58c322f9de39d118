/* Which part of the map the live link tells of moves in: a little more than is shown, asked for anew once the map rests. */
const REST = 500; // ms
const MORE = 0.5; // of what is shown, on each side: a short way needs no new link
const TOO_MUCH = 4; // times as wide as what is shown: after zooming in, less is enough

const digits = (degrees, least, most) => Math.min(most, Math.max(least, degrees)).toFixed(5);

export class Reach {
  constructor(map, live) {
    this.map = map;
    this.live = live;
    map.on("moveend", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.look(), REST);
    });
  }

  look() {
    const shown = this.map.getBounds();
    const wide = (bounds) => bounds.getEast() - bounds.getWest();
    if (this.bounds?.contains(shown) && wide(this.bounds) <= TOO_MUCH * wide(shown)) return;
    this.bounds = shown.pad(MORE);
    const [west, east] = [this.bounds.getWest(), this.bounds.getEast()].map((lng) => digits(lng, -180, 180));
    const [south, north] = [this.bounds.getSouth(), this.bounds.getNorth()].map((lat) => digits(lat, -90, 90));
    this.live.look([west, south, east, north].join(","));
  }
}
