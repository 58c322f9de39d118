/* Which fields each act of the dispatcher's hand asks for. An act that is not named here asks for nothing and is done at once. */
import { el, show } from "../common/dom.js";
import { t, word } from "../common/texts.js";
import { now } from "../common/time.js";
import { activeTasks, places } from "./acts.js";
import { category, choice, departments, moment, reason, skill } from "./fields.js";
import { Candidates, Original } from "./pick.js";
import { placeOf, slotOf, workerOf } from "./words.js";

const WAYS = ["resolved", "mediated", "transferred", "no_action"];

const because = (act) => () => [reason(act)];

/* The places of an incident; the first that nobody fills is chosen. */
function whichPlace({ row }, changed) {
  const all = places(row);
  const free = all.find(({ state }) => state === "open" || state === "held") ?? all.find(({ state }) => state !== "done") ?? all[0];
  const name = ({ slot, responder, task, state }) => {
    const who = task && state === "taken" ? workerOf(task) : placeOf({ slot, state, task });
    return [slot, t("wall.place_name", { place: slotOf(slot, responder), who })];
  };
  return choice({ title: t("wall.for_which"), name: "slot", options: all.map(name), chosen: free.slot, changed });
}

function dispatch(given) {
  const { row, store } = given;
  const whom = new Candidates(row, store);
  const warning = el("p", { class: "second warning" });
  const slot = whichPlace(given, (chosen) => look(chosen));
  const look = (chosen) => {
    const task = row.needs.find((need) => need.slot === chosen && need.state === "taken")?.task;
    warning.textContent = task ? t("wall.called_back", { who: workerOf(task) }) : "";
    show(warning, Boolean(task));
    whom.load(chosen);
  };
  look(slot.picked());
  const parts = [slot, { node: warning, read: () => ({}) }, whom, reason("dispatch")];
  if (places(row).length < 2) show(slot.node, false);
  return Object.assign(parts, { again: () => whom.load(slot.picked()) });
}

function verify({ row, store }) {
  const whom = new Candidates(row, store, t("wall.who_looks"));
  whom.items = whom.nearest();
  whom.draw();
  whom.read = () => (whom.chosen ? { worker: whom.chosen.id } : {});
  return [whom, reason("verify", { name: "note", optional: true })];
}

function add({ row, store }) {
  const certain = new Candidates(row, store);
  certain.items = certain.nearest();
  certain.draw();
  const able = skill(store.categories);
  const ways = ["person", "team", "station", "certain"].map((kind) => [kind, t(`wall.add_${kind}`)]);
  const look = (kind) => {
    show(certain.node, kind === "certain");
    show(able.node, kind !== "certain");
  };
  const kind = choice({ title: t("wall.add_whom"), name: null, options: ways, changed: look });
  look(kind.picked());
  const who = () => (kind.picked() === "certain" ? certain.read() : {});
  const what = () => {
    if (kind.picked() === "certain") return {};
    const asked = able.read();
    return kind.picked() === "person" && !asked.skill ? null : { responder: kind.picked(), ...asked };
  };
  return [kind, { node: certain.node, read: who }, { node: able.node, read: what }, reason("add")];
}

function withdraw({ row, store }) {
  const options = activeTasks(row).map((task) => {
    const need = row.needs.find(({ slot }) => slot === task.slot);
    const place = slotOf(task.slot, need?.responder, (dept) => store.departmentOf(dept));
    return [task.id, `${workerOf(task)} · ${place} · ${word("task", task.status)}`];
  });
  const whose = choice({ title: t("wall.whose_task"), name: "task", options });
  const then = choice({ title: t("wall.and_then"), name: "hold", options: [[false, t("wall.then_next")], [true, t("wall.then_hold")]] });
  return [whose, then, reason("withdraw")];
}

/* More time: what was asked for stands there already, and refusing is the other answer. */
function extend({ row, more }) {
  const asked = (more?.history ?? []).findLast(({ kind }) => kind === "extension_requested");
  const wanted = row.status === "extension_requested" ? asked?.facts.until : null;
  const base = Date.parse(row.deadline);
  return [moment({ title: t("wall.new_deadline"), base, hours: [1, 4, 24], start: wanted ? Date.parse(wanted) : null }), reason("extend")];
}

function shelve() {
  return [moment({ title: t("wall.until_optional"), base: now(), hours: [24, 72, 168], optional: true }), reason("shelve")];
}

function merge({ row, store }) {
  const original = new Original(row, store);
  const parts = [original, reason("merge", { optional: true })];
  return Object.assign(parts, { picks: (id) => original.take(id) });
}

export const FORMS = {
  verify,
  file: ({ row, store }) => [category(row, store.categories)],
  reject: because("reject"),
  dispatch,
  add,
  withdraw,
  whistle: ({ row, store }) => [departments(row, store), reason("whistle")],
  extend,
  refuse_extension: because("refuse_extension"),
  shelve,
  await: () => [reason("await", { name: "note", optional: true })],
  go_on: () => [reason("go_on", { name: "note", optional: true })],
  remind: () => [reason("remind", { name: "note", optional: true })],
  supervise: () => [reason("supervise", { name: "note" })],
  rework: because("rework"),
  close: () => [choice({ title: t("wall.close_as"), name: "disposition", options: WAYS.map((way) => [way, word("disposition", way)]) })],
  merge,
  return: because("return"),
  void: because("void"),
  reopen: because("reopen"),
};

