/* Limits as people say them: working time counted as the server counts it, by the town's hours over its calendar. */
import { get } from "./api.js";
import { t } from "./texts.js";
import { fromInput, now, setZone, span, toInput } from "./time.js";

const DAY = 86400000;
const HOUR = 3600000;
const WORKING = new Set(["working_hours", "working_days"]);
const UNIT = { minutes: 60000, hours: HOUR, working_hours: HOUR };

let hours = []; // [["08:00", "12:00"], …]
const years = new Map(); // year -> {rest, work}: days that are not as Monday to Friday has them
const spans = new Map(); // day -> [[from, until], …] in ms

let asked = null;

/* Have the calendar fetched unless it is here; without it a limit is said by its moment alone. */
export function needCalendar() {
  asked ??= get("/api/limits").then(setCalendar, () => (asked = null));
}

function setCalendar(limits) {
  setZone(limits.time_zone);
  hours = limits.working_hours;
  years.clear();
  spans.clear();
  for (const { year, rest, work } of limits.years) years.set(year, { rest: new Set(rest), work: new Set(work) });
}

const fullDay = () => hours.reduce((sum, [from, until]) => sum + Date.parse(`1970-01-01T${until}Z`) - Date.parse(`1970-01-01T${from}Z`), 0);

/* The working hours of a day; null where nothing is known of its year. */
function ofDay(day) {
  const known = years.get(Number(day.slice(0, 4)));
  if (!known) return null;
  if (!spans.has(day)) {
    const weekday = new Date(`${day}T00:00Z`).getUTCDay();
    const works = known.work.has(day) || (weekday % 6 !== 0 && !known.rest.has(day));
    spans.set(day, works ? hours.map(([from, until]) => [fromInput(`${day}T${from}`), fromInput(`${day}T${until}`)]) : []);
  }
  return spans.get(day);
}

/* Working time (ms) between two moments; null where a year on the way is not known. */
export function worked(since, until) {
  let sum = 0;
  for (let at = Date.parse(`${toInput(since).slice(0, 10)}T00:00Z`); ; at += DAY) {
    const day = new Date(at).toISOString().slice(0, 10);
    if (fromInput(`${day}T00:00`) >= until) return sum;
    const open = ofDay(day);
    if (!open) return null;
    for (const [from, to] of open) sum += Math.max(0, Math.min(to, until) - Math.max(from, since));
  }
}

/* Working time in words: whole days and hours, minutes where it is less than an hour. */
function workSpan(ms) {
  const day = fullDay() || 8 * HOUR;
  if (ms < HOUR) return t("clock.work_min", { n: Math.floor(ms / 60000) });
  const days = Math.floor(ms / day);
  const n = Math.floor((ms % day) / HOUR);
  if (!days) return t("clock.work_hours", { n });
  return n ? t("clock.work_days_hours", { days, n }) : t("clock.work_days", { n: days });
}

const said = (clock, ms) => (WORKING.has(clock.unit) ? workSpan(ms) : span(ms));

/* What is left of a clock that rests. */
function rest(clock) {
  const one = UNIT[clock.unit] ?? fullDay();
  return Math.max(0, clock.amount * one + (clock.extra_s - clock.consumed_s) * 1000);
}

export const clockOf = (row, step) => (row.clocks ?? []).find((clock) => clock.step === step);

/* The clocks that run or rest beside those to the scene and until it is done. */
export const otherClocks = (row) => (row.clocks ?? []).filter(({ step, ended }) => !ended && step !== "handle" && step !== "arrive");

/* A clock in words and whether it is late; null where minutes by the clock say it as well. */
export function clockWords(clock) {
  if (!clock || clock.ended) return null;
  if (clock.resting) {
    const why = t(`clock.rests_${clock.resting}`);
    const left = rest(clock) ? t("clock.at_rest", { t: said(clock, rest(clock)) }) : t("clock.at_rest_over");
    return { text: t("clock.resting", { why, left }), why, left, late: false, rests: true };
  }
  if (clock.missing_year) return { text: t("clock.missing_year", { year: clock.missing_year }), late: false };
  if (!WORKING.has(clock.unit)) return null;
  const due = Date.parse(clock.due);
  const late = due <= now();
  const ms = late ? worked(due, now()) : worked(now(), due);
  if (ms === null) return null;
  return { text: t(late ? "clock.over" : "clock.left", { t: workSpan(ms) }), late };
}
