/* Shifts to fill in: rows of two times that can be added and taken away, perhaps each with its weekday. */
import { el } from "../common/dom.js";
import { t } from "../common/texts.js";
import { weekdayName } from "./days.js";

const WEEK = [1, 2, 3, 4, 5, 6, 7];

/* What people write for a time: 8, 830, 8:30, 08：30. */
function tidy(written) {
  const [, hour, minute = "00"] = /^\s*(\d{1,2})(?:\s*[:：.]?\s*(\d{2}))?\s*$/.exec(written) ?? [];
  return hour === undefined ? written : `${hour.padStart(2, "0")}:${minute}`;
}

/* 24 hours for everybody: a browser's own time field may show 2:00 where 14:00 is meant. */
function clock(name, value) {
  const node = el("input", { class: "clock", required: true, value, inputmode: "numeric", autocomplete: "off", pattern: "([01][0-9]|2[0-3]):[0-5][0-9]", title: t("roster.clock"), "aria-label": t(`roster.${name}`) });
  node.addEventListener("change", () => (node.value = tidy(node.value)));
  return node;
}

function weekdays(chosen) {
  const options = WEEK.map((number) => el("option", { value: number, selected: number === chosen }, weekdayName(number)));
  return el("select", { "aria-label": t("roster.weekday") }, ...options);
}

export class Shifts {
  /* `weekly`: each row has a weekday; `most` rows at most. */
  constructor(given, { weekly = false, most = 10 } = {}) {
    Object.assign(this, { weekly, most, rows: [] });
    this.list = el("ul", { class: "shifts" });
    this.add = el("button", { type: "button", class: "button", onclick: () => this.#more() }, t("roster.add_shift"));
    this.node = el("div", { class: "shift-fields" }, this.list, this.add);
    for (const shift of given) this.#put(shift);
    this.#draw();
  }

  get value() {
    return this.rows.map(({ shift, day, starts, ends }) => ({ ...shift, ...(day ? { weekday: Number(day.value) } : {}), starts: starts.value, ends: ends.value }));
  }

  #more() {
    const { weekday = 0, starts, ends } = this.value.at(-1) ?? { starts: "08:00", ends: "16:00" };
    const again = this.weekly || !this.rows.length;
    this.#put({ starts: again ? starts : ends, ends: again ? ends : starts, ...(this.weekly ? { weekday: (weekday % 7) + 1 } : {}) });
    this.#draw();
    this.rows.at(-1).starts.focus();
  }

  /* What a row does not show (from which day on, until which) is kept as it is. */
  #put(shift) {
    const row = { shift, day: this.weekly ? weekdays(shift.weekday) : null, starts: clock("starts", shift.starts), ends: clock("ends", shift.ends) };
    const drop = el("button", { type: "button", class: "close", "aria-label": t("roster.drop_shift"), onclick: () => this.#drop(row) }, "×");
    const until = shift.until_day ? t("roster.until", { day: shift.until_day }) : "";
    const bounds = [shift.from_day ? t("roster.from", { day: shift.from_day }) : "", until].filter(Boolean).join(" ");
    row.node = el("li", {}, row.day, row.starts, el("span", {}, "–"), row.ends, drop, bounds ? el("span", { class: "second" }, bounds) : "");
    this.rows.push(row);
  }

  #drop(row) {
    this.rows = this.rows.filter((one) => one !== row);
    this.#draw();
    this.add.focus();
  }

  #draw() {
    this.list.replaceChildren(...this.rows.map((row) => row.node));
    this.add.hidden = this.rows.length >= this.most;
  }
}
