/* What both charts share: the library, fetched when the figures are already there, colours of the page, calm drawing. */
import { calm, el } from "../common/dom.js";

const LIBRARY = "/static/vendor/echarts/echarts.min.js";

const loading = new Promise((done, failed) => {
  document.head.append(el("script", { src: LIBRARY, onload: done, onerror: failed }));
});

const style = getComputedStyle(document.documentElement);
export const ink = (role) => style.getPropertyValue(`--${role}`).trim();

/* A tooltip of lines: the first says of what, the others say how much. Nodes, so that nothing in a name is markup. */
export const lines = (first, rest) => el("div", { class: "tip" }, el("b", {}, first), ...rest.map((line) => el("span", {}, line)));

export const axis = (more = {}) => ({
  axisLine: { show: false },
  axisTick: { show: false },
  axisLabel: { color: ink("text-2"), fontSize: 13, hideOverlap: true },
  splitLine: { lineStyle: { color: ink("line"), type: [3, 4] } },
  ...more,
});

/* An upright line from `low` to `high` with short ends: how sure a value is. */
export function whisker(name, rows, more = {}) {
  return {
    name,
    type: "custom",
    data: rows,
    encode: { x: 0, y: [1, 2] },
    silent: true,
    z: 5,
    renderItem(_, api) {
      const x = api.coord([api.value(0), 0])[0];
      const [low, high] = [1, 2].map((place) => api.coord([api.value(0), api.value(place)])[1]);
      const stroke = { stroke: ink("text"), lineWidth: 1.5, fill: null };
      const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: stroke });
      return { type: "group", children: [line(x, low, x, high), line(x - 5, low, x + 5, low), line(x - 5, high, x + 5, high)] };
    },
    ...more,
  };
}

export class Chart {
  /* `pick(event)` is told of a click on something drawn. */
  constructor(box, pick) {
    Object.assign(this, { box, pick });
  }

  async draw(options, said) {
    const mine = (this.turn = (this.turn ?? 0) + 1);
    this.box.setAttribute("aria-label", said);
    await loading;
    if (mine !== this.turn) return;
    if (!this.chart) {
      this.chart = window.echarts.init(this.box, null, { renderer: "canvas" });
      this.chart.on("click", (event) => this.pick(event));
      new ResizeObserver(() => this.chart.resize()).observe(this.box);
    }
    const look = {
      animation: !calm.matches,
      animationDuration: 200,
      animationDurationUpdate: 200,
      textStyle: { fontFamily: ink("font"), fontSize: 13, color: ink("text") },
      tooltip: {
        confine: true, backgroundColor: ink("panel"), borderColor: ink("line"), padding: 0, extraCssText: "border-radius:8px",
        textStyle: { color: ink("text"), fontSize: 14 }, ...options.tooltip,
      },
    };
    this.chart.setOption({ ...options, ...look }, true);
    this.box.dataset.drawn = "true";
  }
}
