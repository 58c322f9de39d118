/* How the wall says things: the same words in list, drawer and history. */
import { splitAddress } from "../common/places.js";
import { has, named, t, word } from "../common/texts.js";
import { countdown } from "../common/time.js";

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

/* Who has it and how far it is, as one short phrase. */
export function stateOf(incident) {
  const { task } = incident;
  if (incident.waiting || !task) return incident.status === "filed" || incident.waiting ? t("wall.waiting") : word("status", incident.status);
  const who = task.worker ? `${task.worker.name} · ` : "";
  if (incident.status === "handled") return who + t("status.handled");
  if (task.status === "offered" && task.offer_expires_at) return `${who}${t("task.offered")} ${countdown(task.offer_expires_at)}`;
  return who + word("task", task.status);
}

export function nextOf(incident) {
  const { task, status } = incident;
  if (status === "closed") return t("wall.next_closed");
  if (status === "handled") return t("wall.next_handled");
  if (incident.waiting || !task) return t("wall.next_waiting");
  const who = workerOf(task);
  if (task.status === "offered") return t("wall.next_offered", { who, left: task.offer_expires_at ? countdown(task.offer_expires_at) : "" });
  return sentence(t(task.status === "on_scene" ? "wall.next_on_scene" : "wall.next_accepted", { who }));
}

/* One line of the history, workers named by `nameOf(code)`; kinds we have no words for are said with the status they led to. */
export function eventOf(event, nameOf) {
  const { facts = {}, kind } = event;
  if (!has(`event.${kind}`)) return word("status", event.to ?? kind);
  const who = event.worker ? nameOf(event.worker) : t(unseen);
  const why = event.reason ?? facts.reason;
  const reason = why ? word("decline", why) : t("word.none");
  return sentence(t(`event.${kind}`, { who, reason, disposition: word("disposition", facts.disposition ?? "") }));
}

/* What the worker wrote at the end of the task, if anything. */
export function noteOf({ note }) {
  return note ? t("wall.told", { note }) : "";
}
