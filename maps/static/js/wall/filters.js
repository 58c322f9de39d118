/* The filters of the list: what each lets through. */
import { overdue } from "../common/time.js";

const TO_SORT = new Set(["reported", "received", "verifying"]);

export const FILTERS = {
  all: () => true,
  waiting: (incident) => incident.waiting,
  overdue: (incident) => overdue(incident),
  to_sort: (incident) => TO_SORT.has(incident.status),
  to_close: (incident) => incident.status === "handled",
  shelved: (incident) => incident.status === "shelved",
};
const ONLY_IF_ANY = new Set(["to_sort", "shelved"]);

/* Which are shown: some come and go with what they count. */
export const offered = (count, chosen) => Object.keys(FILTERS).filter((name) => !ONLY_IF_ANY.has(name) || count[name] > 0 || name === chosen);
