/* How the last thirty days went, as one quiet line: closure curve, kept deadlines, content residents; each leads to its figures. */
import { get } from "../common/api.js";
import { bar } from "../common/bar.js";
import { arrange, el, show } from "../common/dom.js";
import { t } from "../common/texts.js";
import { now, toInput } from "../common/time.js";

const EVERY = 300000; // ms
const AGAIN = 3000; // ms, while the figures are being gathered
const DAYS = 30;
const DAY = 86400000; // ms
const MANY = 200; // cases from which on a tenth of a percent means something
const SHOWN = ["same_day", "two_days", "three_days", "on_time_handle", "satisfaction"];

const dayOf = (ms) => toInput(ms).slice(0, 10);
const percent = (value, of = 0) => t("wall.strip_percent", { n: of >= MANY ? Math.round(value * 1000) / 10 : Math.round(value * 100) });

/* Everything behind a number, for who points at it or comes to it by keyboard. */
function inWords(code, figure, target) {
  const sure = figure.low === null ? "" : t("wall.strip_interval", { low: percent(figure.low, figure.of), high: percent(figure.high, figure.of) });
  return [t(`wall.strip_${code}`), percent(figure.value, figure.of), t("wall.strip_n_of", { n: figure.n, of: figure.of }), sure, target === null ? "" : t("wall.strip_target", { n: percent(target) })].filter(Boolean).join(" · ");
}

export class Strip {
  constructor(box) {
    this.box = box;
  }

  /* Begin, once it is known that the person may see figures; asks by itself from then on. */
  start() {
    if (this.begun) return;
    this.begun = true;
    this.#look();
  }

  async #look() {
    let wait = EVERY;
    try {
      this.targets ??= new Map((await get("/api/figures/definitions")).definitions.map(({ figure, target }) => [figure, target]));
      const query = new URLSearchParams({ from: dayOf(now() - (DAYS - 1) * DAY), to: dayOf(now()) });
      const { total } = await get(`/api/figures?${query}`);
      this.#draw(total);
    } catch (problem) {
      if (problem.status === 401 || problem.status === 403) return;
      if (problem.code === "figures_loading") wait = AGAIN;
    }
    setTimeout(() => this.#look(), wait);
  }

  #draw(total) {
    const parts = SHOWN.filter((code) => total[code]?.of).map((code) => this.#part(code, total[code], total));
    arrange(this.box, [el("a", { class: "strip-head", href: "/figures" }, t("wall.strip")), ...parts]);
    show(this.box, true);
    document.body.classList.add("with-strip");
  }

  #part(code, figure, total) {
    const target = this.targets.get(code) ?? null;
    const words = inWords(code, figure, target);
    const response = code === "satisfaction" && total.response_rate?.of ? el("small", {}, t("wall.strip_response", { n: percent(total.response_rate.value) })) : "";
    const against = target === null ? "" : el("small", {}, `/ ${percent(target)}`);
    const short = target !== null && figure.value < target;
    const number = el("b", { class: short ? "short" : null }, percent(figure.value, figure.of));
    return el("a", { class: figure.few ? "strip-part few" : "strip-part", href: `/figures?show=${code}`, title: words, "aria-label": words }, el("span", {}, t(`wall.strip_${code}`)), number, against, response, bar(figure, target));
  }
}
