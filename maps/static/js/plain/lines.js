/* One row of the audit as a sentence: when, who, what, to whom, how it ended, from where. */
import { el } from "../common/dom.js";
import { has, t, word } from "../common/texts.js";
import { clock, day } from "../common/time.js";
import { badge } from "./words.js";

const GROUPS = ["permission", "why"]; // where the words for a fact's value may stand

const said = (value) => {
  if (typeof value === "boolean") return value ? "✓" : "✗";
  if (Array.isArray(value)) return value.map(said).join(", ");
  if (value !== null && typeof value === "object") return JSON.stringify(value);
  const group = GROUPS.find((name) => has(`${name}.${value}`));
  return group ? word(group, value) : String(value);
};

/* The facts of a row, those we have words for in words. */
function factsOf({ subject, facts, code }) {
  const known = Object.entries(facts ?? {}).filter(([, value]) => value !== null);
  const told = known.map(([name, value]) => t("audit.fact", { name: word("fact", name), value: said(value) }));
  return [subject, ...told, code ? t("word.code", { code }) : ""].filter(Boolean).join(" · ");
}

/* An account by its login; one whose login may not be seen, or that is gone, by the start of its id. */
export const nameOf = ({ login, id }) => login ?? id.slice(0, 8);

/* `only(account)` is asked for by a press on who it was. */
export function lineOf(row, only) {
  const who = row.account ? el("button", { class: "who", title: t("audit.only_this"), onclick: () => only(row.account) }, nameOf(row.account)) : el("span", { class: "who second" }, word("actor", row.actor));
  const what = el("span", { class: "what" }, word("action", row.action));
  const result = row.result === "done" ? "" : badge(row.result, word("result", row.result));
  const sentence = el("p", { class: "sentence" }, who, what, result, el("span", { class: "facts second" }, factsOf(row)));
  const edge = el("p", { class: "edge second" }, el("span", {}, row.address ?? ""), el("span", { class: "number" }, t("audit.row", { n: row.id })));
  return el("li", { class: `line ${row.result}` }, el("time", { datetime: row.at }, clock(row.at, true)), sentence, edge);
}

export const dayLine = (row) => el("li", { class: "day" }, el("h3", {}, day(row.at)));
