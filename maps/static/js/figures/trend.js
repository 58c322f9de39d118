/* The trend: what was filed and closed by day, week or month, and under it the figure that was chosen, with how sure it is. */
import { t } from "../common/texts.js";
import { axis, Chart, ink, lines } from "./charts.js";
import { count, interval, kindOf, madeOf, nameOf, number, said, targetOf, valueOf } from "./numbers.js";
import { stepName, stepWords } from "./period.js";

const COUNTS = ["filed", "closed_in_period"];
const HAND = { cursor: "pointer" };

export class Trend {
  /* `open(figure, group)` is told of a click on one step. */
  constructor(box, open) {
    this.chart = new Chart(box, ({ seriesId, dataIndex }) => {
      const group = this.groups?.[dataIndex];
      if (group && seriesId in group.figures) open(seriesId, group);
    });
  }

  draw(groups, by, span, chosen) {
    this.groups = groups;
    const kind = kindOf(chosen);
    const own = !COUNTS.includes(chosen);
    const names = groups.map(({ key }) => stepName(by, key));
    const value = (code) => groups.map(({ figures }) => valueOf(code, figures[code]));
    const bar = (code, colour) => ({ id: code, name: nameOf(code), type: "bar", data: value(code), itemStyle: { color: ink(colour), borderRadius: [2, 2, 0, 0] }, barMaxWidth: 18, barGap: "10%", ...HAND });
    const tip = (hovered) => {
      const group = groups[(Array.isArray(hovered) ? hovered[0] : hovered).dataIndex];
      const { figures } = group;
      const told = COUNTS.map((code) => `${nameOf(code)} ${number(code, figures[code])}`);
      if (own) told.push([`${nameOf(chosen)} ${number(chosen, figures[chosen])}`, madeOf(chosen, figures[chosen]), interval(figures[chosen])].filter(Boolean).join(" · "));
      return lines(stepWords(by, group.key, span), told);
    };
    const label = (formatter) => ({ color: ink("text-2"), fontSize: 13, formatter });
    const grids = own ? [{ top: 34, height: "34%" }, { top: "58%", bottom: 28 }] : [{ top: 34, bottom: 28 }];
    const options = {
      grid: grids.map((grid) => ({ left: 62, right: 16, ...grid })),
      legend: { top: 0, left: 0, itemWidth: 14, itemHeight: 10, icon: "roundRect", textStyle: { color: ink("text-2"), fontSize: 13 }, data: [...COUNTS.map((code) => ({ name: nameOf(code) })), ...(own ? [{ name: nameOf(chosen), icon: "circle" }] : [])], selectedMode: false },
      axisPointer: { link: [{ xAxisIndex: "all" }] },
      tooltip: { trigger: "axis", axisPointer: { type: "line", lineStyle: { color: ink("text-2") } }, formatter: tip },
      xAxis: grids.map((_, place) => ({ type: "category", gridIndex: place, data: names, ...axis({ axisLabel: place === grids.length - 1 ? { color: ink("text-2"), fontSize: 13, hideOverlap: true } : { show: false } }) })),
      yAxis: grids.map((_, place) => ({ type: "value", gridIndex: place, splitNumber: 3, minInterval: place ? 0 : 1, ...(place && kind === "share" ? { min: 0, max: 1, interval: 0.5 } : {}), ...axis({ axisLabel: label(place ? (v) => said(chosen, v) : count) }) })),
      series: [bar("filed", "chart-3"), bar("closed_in_period", "chart-1"), ...(own ? this.#chosen(groups, chosen) : [])],
    };
    return this.chart.draw(options, t("figures.trend_of", { figure: nameOf(chosen), n: groups.length }));
  }

  /* A line with a dot a step; around a share the interval as a band. */
  #chosen(groups, chosen) {
    const values = groups.map(({ figures }) => valueOf(chosen, figures[chosen]));
    const common = { xAxisIndex: 1, yAxisIndex: 1 };
    const target = targetOf(chosen);
    const line = {
      id: chosen, name: nameOf(chosen), type: "line", data: values, ...common, ...HAND, symbol: "circle", symbolSize: groups.length > 70 ? 4 : 7,
      lineStyle: { color: ink("text"), width: 2 }, itemStyle: { color: ink("text") }, connectNulls: false, triggerLineEvent: false,
      ...(target === null ? {} : { markLine: { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: ink("alarm"), type: [7, 4] }, data: [{ yAxis: target }] } }),
    };
    if (kindOf(chosen) !== "share") return [line];
    const low = groups.map(({ figures }) => figures[chosen].low);
    const wide = groups.map((group, place) => (low[place] === null ? null : group.figures[chosen].high - low[place]));
    const band = (data, fill) => ({ type: "line", stack: "sure", data, ...common, silent: true, symbol: "none", lineStyle: { opacity: 0 }, areaStyle: fill ? { color: ink("text"), opacity: 0.1 } : undefined, tooltip: { show: false } });
    return [band(low, false), band(wide, true), line];
  }
}
