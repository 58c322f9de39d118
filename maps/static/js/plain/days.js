/* Days as YYYY-MM-DD: added to, named, and the week they lie in. They have no zone: the town's day is the server's. */
import { lang, t } from "../common/texts.js";

const DAY = 86400000; // ms
const locale = lang === "en" ? "en-GB" : "zh-CN";

const at = (day) => Date.parse(`${day}T00:00:00Z`);
const said = (day, options) => new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options }).format(at(day));

export const plus = (day, days) => new Date(at(day) + days * DAY).toISOString().slice(0, 10);

/* The Monday of a day's week. */
export const monday = (day) => plus(day, -((new Date(at(day)).getUTCDay() + 6) % 7));

export const weekday = (day) => said(day, { weekday: "short" });
export const short = (day) => said(day, { month: "numeric", day: "numeric" });
export const long = (day) => said(day, { month: "long", day: "numeric", weekday: "long" });

/* 1 is Monday. */
export const weekdayName = (number) => said(plus("2024-01-01", number - 1), { weekday: "long" });

export const hours = ({ starts, ends }) => (starts === ends ? t("roster.all_day", { time: starts }) : `${starts}–${ends}`);
