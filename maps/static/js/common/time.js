/* Times as people say them: minutes under an hour, then the clock; the server's clock is the only clock. */
import { lang, t } from "./texts.js";

let ahead = 0; // ms the server's clock is ahead of this device's
let zone;

export function setClock(serverNow, timeZone) {
  ahead = Date.parse(serverNow) - Date.now();
  if (timeZone) setZone(timeZone);
}

export function setZone(timeZone) {
  zone = timeZone;
}

export const now = () => Date.now() + ahead;

const locale = lang === "en" ? "en-GB" : "zh-CN";
const formats = new Map();

function format(name, options) {
  const key = name + (zone ?? "");
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale, { ...options, timeZone: zone }));
  return formats.get(key);
}

export function clock(at, seconds = false) {
  const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  if (seconds) options.second = "2-digit";
  return format(seconds ? "hms" : "hm", options).format(new Date(at));
}

export function date(at) {
  return format("day", { month: "long", day: "numeric", weekday: "long" }).format(new Date(at));
}

export function day(at) {
  return format("ymd", { year: "numeric", month: lang === "en" ? "short" : "long", day: "numeric" }).format(new Date(at));
}

const dayOf = (at) => format("d", { year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(at));

export const sameDay = (a, b) => dayOf(a) === dayOf(b);

/* The clock time, with the date where it is another day. */
export const when = (at) => (sameDay(at, now()) ? clock(at) : `${date(at)} ${clock(at)}`);

const PARTS = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

/* A moment as the town's wall clock shows it, in the form an input of type datetime-local takes. */
export function toInput(ms) {
  const parts = Object.fromEntries(format("input", PARTS).formatToParts(new Date(ms)).map(({ type, value }) => [type, value]));
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

/* The moment (ms) such an input means in the town, wherever this device is; NaN for an empty one. */
export function fromInput(value) {
  const asked = Date.parse(`${value}Z`);
  const ahead = (ms) => Date.parse(`${toInput(ms)}Z`) - ms;
  return Number.isNaN(asked) ? NaN : asked - ahead(asked - ahead(asked));
}

export function span(ms) {
  const minutes = Math.floor(Math.max(0, ms) / 60000);
  if (minutes < 60) return t("time.min", { n: minutes });
  if (minutes < 24 * 60) return t("time.h_min", { h: Math.floor(minutes / 60), m: minutes % 60 });
  return t("time.days", { n: Math.floor(minutes / 1440) });
}

/* How long ago: minutes under an hour, the clock time on the same day, then days. */
export function age(at) {
  const past = now() - Date.parse(at);
  if (past < 60000) return t("time.now");
  if (past < 3600000) return span(past);
  return sameDay(at, now()) ? clock(at) : span(past);
}

export function ago(at) {
  const past = now() - Date.parse(at);
  if (past < 60000) return t("time.now");
  return past < 3600000 ? t("time.ago", { t: span(past) }) : age(at);
}

/* A countdown a person acts on: 1:05, and 0:00 when it is over. */
export function countdown(until) {
  const left = Math.max(0, Math.ceil((Date.parse(until) - now()) / 1000));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}

/* Past its limit and not yet handled: what waits only to be closed is late no more, and what rests is not late. */
const DONE = new Set(["handled", "closed"]);
const rests = ({ status, clocks = [] }) => status === "shelved" || clocks.some(({ step, resting }) => step === "handle" && resting);
export const overdue = (row) => Boolean(row.deadline) && !DONE.has(row.status) && !rests(row) && Date.parse(row.deadline) < now();
