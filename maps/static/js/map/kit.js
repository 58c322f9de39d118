/* Loaded before the page's own inline script: remembers which layers the page asks for until the modules start. */
(() => {
  "use strict";
  const asked = [];
  window.Wangge = { asked, layer: (kind, map, options) => asked.push({ kind, map, options }) };
})();
