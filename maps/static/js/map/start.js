/* Build what the page asked for: folium's inline script only names layers and options. */
import { calm } from "../common/dom.js";
import { Names } from "./names.js";
import { TownMap } from "./town.js";

export function startMap() {
  const asked = new Map(window.Wangge.asked.map((layer) => [layer.kind, layer]));
  const { map, options } = asked.get("base");
  if (calm.matches) Object.assign(map, { _zoomAnimated: false, _fadeAnimated: false });
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
  const town = new TownMap(options).addTo(map);
  const names = new Names(town, options.colours).addTo(map);
  const optionsOf = (kind) => asked.get(kind)?.options ?? {};
  return { map, town, names, colours: options.colours, optionsOf };
}
