/* How the wall says things: the same words in list, drawer and history. */
import { splitAddress } from "../common/places.js";
import { has, listed, named, t, word } from "../common/texts.js";
import { clock, countdown, when } from "../common/time.js";

export function whatOf(incident, categories) {
  return named(categories.get(incident.category)) || incident.category;
}

export function whereOf(incident) {
  const grid = incident.grid?.name;
  const { near } = splitAddress(incident);
  if (near) return grid ? `${near} · ${grid}` : near;
  if (grid) return grid;
  const nearest = incident.nearest_grid?.name;
  return nearest ? t("wall.outside", { name: nearest }) : t("wall.unplaced");
}

let unseen = "wall.other_worker"; // what a worker is called whom the person may not see

/* Say whether the person may see workers at all: then who is not seen is from elsewhere. */
export function seesWorkers(some) {
  unseen = some ? "wall.other_worker" : "wall.some_worker";
}

export const workerOf = ({ worker }) => worker?.name ?? t(unseen);

export const sentence = (text) => text.charAt(0).toLocaleUpperCase() + text.slice(1);

export const because = (what, why) => (why ? t("wall.because", { what, why }) : what);

/* What a place of an incident is called; `department(slot)` gives the name of a department called in. */
export function slotOf(slot, responder, department) {
  if (has(`slot.${slot}`)) return t(`slot.${slot}`);
  const [, number] = /^added_(\d+)$/.exec(slot) ?? [];
  if (number) return t("slot.added", { n: number });
  if (slot.startsWith("dept_")) return department?.(slot) ?? t("kind.department");
  return responder ? word("kind", responder) : slot;
}

/* Where a place stands, as one phrase; an offer with its countdown. */
export function placeOf({ slot, state, task }) {
  if (state === "held" && slot.startsWith("dept_")) return t("wall.place_absent");
  if (state === "taken" && task) return stepOf(task);
  return state === "done" ? t("task.done") : t(`wall.place_${state}`);
}

const called = ({ whom }) => whom === "departments";
const offerOf = (task) => `${t(called(task) ? "wall.to_report_in" : "task.offered")} ${countdown(task.offer_expires_at)}`;

function stepOf(task) {
  if (task.status === "offered" && task.offer_expires_at) return offerOf(task);
  const { accepted_at: accepted, on_scene_at: there } = task;
  const at = task.status === "on_scene" ? there : accepted;
  const step = called(task) && task.status === "accepted" ? t("wall.reported_in") : word("task", task.status);
  return at ? `${step} ${clock(at)}` : step;
}

const BY_STATUS = new Set(["reported", "received", "verifying", "returned", "extension_requested", "shelved", "inspecting", "rework", "closed", "rejected", "void", "duplicate"]);
const held = ({ needs = [] }) => needs.find(({ state }) => state === "held");

/* Who has it and how far it is, as one short phrase. */
export function stateOf(incident) {
  const { task, status } = incident;
  if (BY_STATUS.has(status)) return word("status", status);
  if (!task || incident.waiting) return held(incident) ? placeOf(held(incident)) : incident.waiting || status === "filed" ? t("wall.waiting") : word("status", status);
  const who = task.worker && !called(task) ? `${task.worker.name} · ` : "";
  if (status === "handled") return who + t("status.handled");
  const more = (incident.needs ?? []).filter((need) => need.state === "taken").length - 1;
  const step = task.status === "offered" && task.offer_expires_at ? offerOf(task) : word("task", task.status);
  return `${who}${step}${more > 0 ? ` +${more}` : ""}`;
}

const NEXT = new Set([...BY_STATUS, "handled"]);

export function nextOf(incident) {
  const { task, status } = incident;
  if (NEXT.has(status)) return t(`wall.next_${status}`);
  if (held(incident)) return t(held(incident).slot.startsWith("dept_") ? "wall.next_absent" : "wall.next_held");
  if (incident.waiting || !task) return t("wall.next_waiting");
  const who = workerOf(task);
  if (task.status === "offered") {
    const left = task.offer_expires_at ? countdown(task.offer_expires_at) : "";
    const key = called(task) ? "wall.next_called" : task.by_hand ? "wall.next_by_hand" : "wall.next_offered";
    return sentence(t(key, { who, left }));
  }
  return sentence(t(task.status === "on_scene" ? "wall.next_on_scene" : "wall.next_accepted", { who }));
}

/* Kinds whose words depend on what is known of them. */
const VARIANTS = {
  returned: ({ worker }) => (worker ? "returned_by" : "returned"),
  offered: ({ facts }) => (facts.by_hand ? "offered_again" : "offered"),
  dispatched: ({ facts }) => (facts.reserved ? "dispatched_reserved" : "dispatched"),
  added: ({ worker, facts }) => (worker || !facts.responder ? "added" : "added_kind"),
  reminded: ({ facts }) => (facts.department ? "reminded_department" : "reminded"),
  supervised: ({ facts }) => (facts.department ? "supervised_department" : facts.step ? "supervised_step" : "supervised"),
  overdue: ({ facts }) => (facts.missing_year ? "overdue_unknown" : facts.step ? "overdue_step" : "overdue"),
  waiting: ({ facts }) => (facts.slot ? "waiting_department" : "waiting"),
  filed: ({ facts }) => (facts.category ? "filed_as" : "filed"),
  shelved: ({ facts }) => (facts.until ? "shelved_until" : "shelved"),
  whistled: ({ facts }) => (facts.departments?.length ? "whistled" : "whistled_some"),
};
const OF_A_PLACE = new Set(["offered", "dispatched", "reassigned", "climbed", "withdrawn"]);

function factsOf({ facts, worker }, store) {
  const name = (code) => store.nameOf(code) ?? t(unseen);
  return {
    who: worker ? name(worker) : t(unseen),
    disposition: word("disposition", facts.disposition ?? ""),
    instead: facts.instead_of ? name(facts.instead_of) : t(unseen),
    department: facts.department ? name(facts.department) : store.departmentOf(facts.slot ?? "") ?? t("kind.department"),
    departments: listed((facts.departments ?? []).map(name)),
    what: facts.skill ? word("skill", facts.skill) : word("kind", facts.responder ?? ""),
    category: named(store.categories.get(facts.category)) || (facts.category ?? ""),
    until: facts.until ? when(facts.until) : "",
    left: word("whom", facts.left ?? ""),
    reached: word("whom", facts.reached ?? ""),
    stars: facts.stars ?? "",
    step: facts.step ? word("step", facts.step) : word("step", "handle"),
    year: facts.missing_year ?? "",
    due: facts.due ? when(facts.due) : "",
    undone: has(`undo.${facts.what}`) ? t(`undo.${facts.what}`) : "",
  };
}

/* One line of the history; kinds we have no words for are said with the status they led to. */
export function eventOf(event, store) {
  const told = { ...event, facts: event.facts ?? {} };
  const { kind, facts } = told;
  if (!has(`event.${kind}`)) return word("status", event.to ?? kind);
  const key = VARIANTS[kind]?.(told) ?? kind;
  const why = event.reason ?? facts.reason ?? facts.note;
  let said = t(`event.${key}`, factsOf(told, store));
  const slot = event.slot ?? facts.slot;
  if (slot && slot !== "lead" && !slot.startsWith("dept_") && OF_A_PLACE.has(kind)) said = t("wall.for_place", { what: said, place: slotOf(slot) });
  if (facts.overruled) said = t("wall.overruled", { what: said, lack: word("reason", facts.overruled) });
  return sentence(because(said, why && (has(`decline.${why}`) ? t(`decline.${why}`) : why)));
}

/* What the worker wrote at the end of the task, if anything. */
export function noteOf({ note }) {
  return note ? t("wall.told", { note }) : "";
}
