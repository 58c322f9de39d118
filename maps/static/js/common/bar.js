/* A share as a thin bar from nought to all: how sure it is as a span, the value as a stroke, its target as a line across. */
function drawn(tag, props) {
  const node = L.SVG.create(tag);
  for (const [name, value] of Object.entries(props)) node.setAttribute(name, String(value));
  return node;
}

const across = (name, at, wide) => drawn("rect", { class: name, x: Math.min(100 - wide, Math.max(0, at * 100 - wide / 2)), y: 0, width: wide, height: 8 });

export function bar({ value, low, high }, target) {
  const box = drawn("svg", { class: "sure", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" });
  box.append(drawn("rect", { class: "all", x: 0, y: 3, width: 100, height: 2 }));
  if (value === null || value === undefined) return box;
  box.append(drawn("rect", { class: "span", x: low * 100, y: 1.5, width: Math.max(0.8, (high - low) * 100), height: 5 }));
  if (target !== null && target !== undefined) box.append(across("target", target, 1.2));
  box.append(across("value", value, 1.6));
  return box;
}
