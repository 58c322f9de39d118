/* Days of the town as YYYY-MM-DD, and the spans of them that are asked for most. */
import { lang, t } from "../common/texts.js";
import { now, toInput } from "../common/time.js";

const DAY = 86400000; // ms

export const PERIODS = ["today", "7d", "30d", "month", "last_month", "custom"];

export const today = () => toInput(now()).slice(0, 10);
export const isDay = (text) => /^\d{4}-\d{2}-\d{2}$/.test(text ?? "") && !Number.isNaN(Date.parse(text));
export const plus = (day, days) => new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10);
export const daysOf = ({ from, to }) => Math.round((Date.parse(to) - Date.parse(from)) / DAY) + 1;

const lastOfMonth = (day) => plus(`${plus(`${day.slice(0, 7)}-28`, 4).slice(0, 7)}-01`, -1);

const SPANS = {
  today: (day) => [day, day],
  "7d": (day) => [plus(day, -6), day],
  "30d": (day) => [plus(day, -29), day],
  month: (day) => [`${day.slice(0, 7)}-01`, day],
  last_month: (day) => {
    const last = plus(`${day.slice(0, 7)}-01`, -1);
    return [`${last.slice(0, 7)}-01`, last];
  },
};

/* First and last day of a period by name; a custom one has its own. */
export function spanOf({ period, from, to }) {
  if (period === "custom") return { from, to };
  const [first, last] = (SPANS[period] ?? SPANS["30d"])(today());
  return { from: first, to: last };
}

/* The days of one step of a trend: its key is the first of them; cut to what was asked for. */
export function stepOf(by, key, { from, to }) {
  const last = { day: key, week: plus(key, 6), month: lastOfMonth(key) }[by];
  return { from: key < from ? from : key, to: last > to ? to : last };
}

/* The finest step that leaves a trend readable. */
export const stepFor = (span) => (daysOf(span) <= 45 ? "day" : daysOf(span) <= 366 ? "week" : "month");

const locale = lang === "en" ? "en-GB" : "zh-CN";
const short = new Intl.DateTimeFormat(locale, { month: "numeric", day: "numeric", timeZone: "UTC" });
const spoken = new Intl.DateTimeFormat(locale, { month: lang === "en" ? "short" : "long", day: "numeric", timeZone: "UTC" });
const months = new Intl.DateTimeFormat(locale, { year: "numeric", month: lang === "en" ? "short" : "long", timeZone: "UTC" });
const whole = new Intl.DateTimeFormat(locale, { year: "numeric", month: lang === "en" ? "short" : "long", day: "numeric", timeZone: "UTC" });

const at = (day) => new Date(Date.parse(day));

/* A step's name on an axis. */
export const stepName = (by, key) => (by === "month" ? months.format(at(key)) : (lang === "en" ? spoken : short).format(at(key)));

/* A step's name in words. */
export function stepWords(by, key, span) {
  if (by === "month") return months.format(at(key));
  const { from, to } = stepOf(by, key, span);
  return from === to ? spoken.format(at(from)) : `${spoken.format(at(from))} – ${spoken.format(at(to))}`;
}

export const spanWords = ({ from, to }) => (from === to ? whole.format(at(from)) : t("figures.from_to", { from: whole.format(at(from)), to: whole.format(at(to)) }));
