/* The closure curve: how much of what was filed is closed the same day, within two and within three days, beside its targets. */
import { t } from "../common/texts.js";
import { axis, Chart, ink, lines, whisker } from "./charts.js";
import { interval, madeOf, nameOf, share, targetOf } from "./numbers.js";

export const CURVE = ["same_day", "two_days", "three_days"];

export class Curve {
  constructor(box, open) {
    this.chart = new Chart(box, ({ dataIndex }) => open(CURVE[dataIndex]));
  }

  draw(total) {
    const figures = CURVE.map((code) => total[code]);
    const values = figures.map((figure) => figure?.value ?? null);
    const sure = figures.map((figure, place) => [place, figure?.low, figure?.high]).filter(([, low]) => low !== null && low !== undefined);
    const reached = (place) => values[place] !== null && values[place] >= targetOf(CURVE[place]);
    const tip = ({ dataIndex }) => {
      const figure = figures[dataIndex];
      const target = targetOf(CURVE[dataIndex]);
      return lines(nameOf(CURVE[dataIndex]), [`${share(figure.value ?? 0, figure.of)} · ${madeOf(CURVE[dataIndex], figure)}`, interval(figure), t("figures.target", { n: share(target) })].filter(Boolean));
    };
    const bars = {
      type: "bar", barWidth: "50%", cursor: "pointer",
      data: values.map((value, place) => ({ value, itemStyle: { color: ink(reached(place) ? "chart-1" : "chart-2"), borderRadius: [4, 4, 0, 0] } })),
      label: { show: true, position: "insideBottom", distance: 10, color: ink("on-link"), fontSize: this.chart.box.clientWidth < 420 ? 14 : 18, fontWeight: 600, formatter: ({ dataIndex, value }) => (value === null ? "" : share(value, figures[dataIndex].of)) },
    };
    const targets = {
      type: "custom", silent: true, z: 6, data: CURVE.map((code, place) => [place, targetOf(code)]),
      renderItem(_, api) {
        const [x, y] = api.coord([api.value(0), api.value(1)]);
        const half = api.size([1, 0])[0] * 0.36;
        const text = { text: share(api.value(1)), x: x + half + 4, y: y - 8, fill: ink("text-2"), font: `13px ${ink("font")}` };
        const stroke = { stroke: ink("alarm"), lineWidth: 2.5, lineDash: [7, 4] };
        return { type: "group", children: [{ type: "line", shape: { x1: x - half, y1: y, x2: x + half, y2: y }, style: stroke }, { type: "text", style: text }] };
      },
    };
    const options = {
      grid: { left: 46, right: 30, top: 18, bottom: 30 },
      tooltip: { trigger: "item", formatter: tip },
      xAxis: { type: "category", data: CURVE.map(nameOf), ...axis({ axisLabel: { color: ink("text"), fontSize: 14, interval: 0 } }) },
      yAxis: { type: "value", min: 0, max: 1, interval: 0.25, ...axis({ axisLabel: { color: ink("text-2"), fontSize: 13, formatter: (value) => share(value) } }) },
      series: [bars, targets, whisker(t("figures.sure"), sure)],
    };
    const told = CURVE.map((code, place) => `${nameOf(code)} ${values[place] === null ? "–" : share(values[place], figures[place].of)}`);
    return this.chart.draw(options, `${t("figures.curve")}: ${told.join(", ")}`);
  }
}
