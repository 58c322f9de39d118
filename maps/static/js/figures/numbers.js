/* Figures as people read them: counts, shares with their interval, times, stars; what each is called comes with its definition. */
import { lang, t } from "../common/texts.js";

const locale = lang === "en" ? "en-GB" : "zh-CN";
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const two = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const MANY = 200; // from here on a tenth of a percent means something

export const definitions = new Map();

export function learn(list) {
  for (const one of list) definitions.set(one.figure, one);
}

const own = (code, name) => definitions.get(code)?.[lang === "en" ? `${name}_en` : name] ?? "";

export const kindOf = (code) => definitions.get(code)?.kind;
export const targetOf = (code) => definitions.get(code)?.target ?? null;
export const nameOf = (code) => own(code, "name") || code;
export const saysOf = (code) => ["says", "formula", "left_out"].map((part) => [part, own(code, part)]).filter(([, text]) => text);

/* What is drawn of a figure: of times the median; null where there is nothing to say. */
export const valueOf = (code, figure) => (kindOf(code) === "duration" ? figure?.median : figure?.value) ?? null;

export const count = (n) => whole.format(n);

export function share(value, of = 0) {
  const percent = value * 100;
  const fine = of >= MANY && percent !== 0 && percent !== 100;
  return t("figures.percent", { n: (fine ? one : whole).format(percent) });
}

export function time(seconds) {
  const minutes = seconds / 60;
  if (minutes < 1) return t("figures.seconds", { n: whole.format(seconds) });
  if (minutes < 90) return t("figures.minutes", { n: (minutes < 10 ? one : whole).format(minutes) });
  if (minutes < 48 * 60) return t("figures.hours", { n: one.format(minutes / 60) });
  return t("figures.days", { n: one.format(minutes / 1440) });
}

const SAID = { count, share, duration: time, mean: (value) => two.format(value) };

/* A bare value of a figure's kind. */
export const said = (code, value, of) => SAID[kindOf(code)](value, of);

export function number(code, figure) {
  const value = valueOf(code, figure);
  return value === null ? "–" : said(code, value, figure.of);
}

/* How sure: the interval of a share. */
export function interval(figure) {
  const { low, high, of } = figure ?? {};
  return low === null || low === undefined ? "" : t("figures.interval", { low: share(low, of), high: share(high, of) });
}

/* What a number is made of, in words; of times also what nine of ten stayed under. */
export function madeOf(code, figure) {
  if (kindOf(code) === "share") return figure.of ? t("figures.n_of", { n: count(figure.n), of: count(figure.of) }) : t("figures.no_cases");
  if (kindOf(code) === "count") return "";
  if (!figure.n) return t("figures.no_cases");
  const most = figure.p90 === null || figure.p90 === undefined ? "" : t("figures.nine_of_ten", { t: time(figure.p90) });
  return [most, t("figures.of_cases", { n: count(figure.n) })].filter(Boolean).join(" · ");
}
