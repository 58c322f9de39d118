/* Fields of the dispatcher's forms. Each is {node, read()}: read gives its part of the body, or null while something is missing. */
import { el } from "../common/dom.js";
import { named, t, word } from "../common/texts.js";
import { fromInput, now, toInput } from "../common/time.js";

const LONGEST = 900; // letters of a reason
const HOUR = 3600000; // ms
let made = 0;

const labelled = (text, input) => {
  input.id = `field-${(made += 1)}`;
  return [el("label", { for: input.id, class: "field-name" }, text), input];
};

/* Why, in words; a chip writes what is said most often. */
export function reason(act, { name = "reason", optional = false } = {}) {
  const input = el("textarea", { rows: 2, maxlength: LONGEST, required: !optional });
  const quick = t(`quick.${act}`).split("|");
  const chips = quick.map((text) => el("button", { type: "button", class: "chip", onclick: () => write(text) }, text));
  const mark = () => chips.forEach((chip) => chip.setAttribute("aria-pressed", String(chip.textContent === input.value)));
  const write = (text) => {
    input.value = text;
    mark();
  };
  input.addEventListener("input", mark);
  mark();
  const title = t(optional ? "wall.note_optional" : name === "note" ? "wall.note" : "wall.reason");
  const node = el("div", { class: "field" }, ...labelled(title, input), el("div", { class: "quick" }, ...chips));
  const read = () => {
    const said = input.value.trim();
    if (!said && !optional) return null;
    return said ? { [name]: said } : {};
  };
  return { node, read, input };
}

/* Until when: by the town's clock, or a span after `base` (ms). */
export function moment({ title, base, hours, start = null, optional = false }) {
  const input = el("input", { type: "datetime-local", required: !optional, value: start === null ? null : toInput(start) });
  const name = (count) => (count % 24 ? t("time.plus_hours", { n: count }) : t("time.plus_days", { n: count / 24 }));
  const set = (count) => (input.value = toInput(Math.max(base, now()) + count * HOUR));
  const chips = hours.map((count) => el("button", { type: "button", class: "chip", onclick: () => set(count) }, name(count)));
  const node = el("div", { class: "field" }, ...labelled(title, input), el("div", { class: "quick" }, ...chips));
  const read = () => {
    const ms = fromInput(input.value);
    if (Number.isNaN(ms)) return optional ? {} : null;
    return { until: new Date(ms).toISOString() };
  };
  return { node, read, input };
}

/* One of a few: radio buttons, read as {name: value}. `changed(value)` is told of each choice. */
export function choice({ title, name, options, chosen = options[0]?.[0], changed = () => {} }) {
  const group = `choice-${(made += 1)}`;
  const buttons = options.map(([value, text]) => {
    const input = el("input", { type: "radio", name: group, value: String(value), checked: value === chosen, onchange: () => changed(value) });
    return el("label", { class: "option plain-option" }, input, el("span", {}, text));
  });
  const node = el("fieldset", { class: "field" }, el("legend", { class: "field-name" }, title), el("div", { class: "options" }, ...buttons));
  const picked = () => options.find((_, place) => buttons[place].firstChild.checked)?.[0];
  return { node, picked, read: () => (name ? { [name]: picked() } : {}) };
}

/* The category an incident is filed under; left as it is, it is not sent. */
export function category(row, categories) {
  const options = [...categories.values()].map((one) => el("option", { value: one.code, selected: one.code === row.category }, `${named(one)} · ${word("urgency", one.urgency)}`));
  const input = el("select", {}, ...options);
  const node = el("div", { class: "field" }, ...labelled(t("wall.category"), input));
  return { node, input, read: () => (input.value && input.value !== row.category ? { category: input.value } : {}) };
}

/* A skill that some category asks for. */
export function skill(categories) {
  const codes = [...new Set([...categories.values()].map((one) => one.skill).filter(Boolean))].sort();
  const input = el("select", {}, el("option", { value: "" }, t("wall.any_skill")), ...codes.map((code) => el("option", { value: code }, word("skill", code))));
  const node = el("div", { class: "field" }, ...labelled(t("wall.skill"), input));
  return { node, input, read: () => (input.value ? { skill: input.value } : {}) };
}

/* Departments to call in; those the category names are ticked. None known: the category's are called. */
export function departments(row, store) {
  const named_there = new Set(store.categories.get(row.category)?.departments ?? []);
  const all = store.departments().sort((a, b) => named_there.has(b.id) - named_there.has(a.id) || (a.code < b.code ? -1 : 1));
  const boxes = all.map((unit) => {
    const input = el("input", { type: "checkbox", value: unit.id, checked: named_there.has(unit.id) });
    const usual = named_there.has(unit.id) ? el("small", {}, t("wall.usual")) : "";
    return el("label", { class: "option plain-option" }, input, el("span", {}, unit.name, " ", usual));
  });
  const nobody = named_there.size ? t("wall.usual_departments", { n: named_there.size }) : t("wall.no_departments");
  const inside = boxes.length ? el("div", { class: "options" }, ...boxes) : el("p", { class: "second" }, nobody);
  const node = el("fieldset", { class: "field" }, el("legend", { class: "field-name" }, t("wall.departments")), inside);
  const read = () => {
    const chosen = boxes.map((box) => box.firstChild).filter((input) => input.checked).map((input) => input.value);
    if (boxes.length) return chosen.length ? { departments: chosen } : null;
    return named_there.size ? {} : null;
  };
  return { node, read };
}
