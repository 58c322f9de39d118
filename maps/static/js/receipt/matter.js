/* How the matter of a receipt stands: in words, what happens next, and step by step. Nobody is named. */
import { el } from "../common/dom.js";
import { has, lang, t } from "../common/texts.js";
import { ago, when } from "../common/time.js";

const ENDED = new Set(["closed", "rejected", "void", "duplicate"]);
const GOOD = new Set(["closed"]);
const BAD = new Set(["rejected", "void"]);

const name = (found) => (lang === "en" ? found.name_en : found.name);

function next(found) {
  if (found.status === "closed" && found.may_judge) return t("receipt.next.judge", { until: when(found.judge_until) });
  return has(`receipt.next.${found.status}`) ? t(`receipt.next.${found.status}`) : "";
}

function due(found) {
  if (ENDED.has(found.status) || !found.deadline) return null;
  const late = Date.parse(found.deadline) < Date.parse(found.now);
  return el("p", { class: late ? "due late" : "due" }, t(late ? "receipt.due_past" : "receipt.due", { at: when(found.deadline) }));
}

export function matterCard(found) {
  const tone = GOOD.has(found.status) ? "good" : BAD.has(found.status) ? "bad" : "going";
  const ended = found.status === "closed" && found.disposition ? t(`receipt.disposition.${found.disposition}`) : "";
  return el(
    "section",
    { class: `card matter ${tone}`, "aria-labelledby": "status" },
    el("p", { class: "what" }, el("b", {}, name(found)), el("span", { class: "second" }, t("receipt.reported", { at: ago(found.reported_at) }))),
    el("h2", { id: "status" }, t(`receipt.status.${found.status}`)),
    ended ? el("p", { class: "ended" }, ended) : null,
    el("p", { class: "next" }, next(found)),
    due(found),
    found.merged ? el("p", { class: "merged" }, t("receipt.merged")) : null,
  );
}

/* However often somebody had to be asked, or by whom: somebody was sent. */
const TOLD_AS = { offered: "sent", dispatched: "sent" };

/* The newest last, as it happened; the same step twice in a row is told once. */
export function stepsCard(found) {
  const told = (found.steps ?? []).map((step) => ({ ...step, kind: TOLD_AS[step.kind] ?? step.kind }));
  const steps = told.filter((step, place, all) => step.kind !== all[place - 1]?.kind);
  const rows = steps.map((step, place) =>
    el(
      "li",
      { class: place === steps.length - 1 ? "last" : null },
      el("span", { class: "said" }, t(`receipt.step.${step.kind}`)),
      el("time", { datetime: step.at, class: "second" }, when(step.at)),
    ),
  );
  return el("section", { class: "card steps", "aria-labelledby": "steps" }, el("h2", { id: "steps" }, t("receipt.steps")), el("ol", {}, ...rows));
}
