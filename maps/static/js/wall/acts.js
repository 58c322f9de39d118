/* What the command centre may do to an incident: by whom and from where it stands. A test keeps this like dispatch/workflow.py. */
export const MOVES = {
  "receive": { "permission": "incident.sort", "from": ["reported"] },
  "verify": { "permission": "incident.sort", "from": ["reported", "received"] },
  "file": { "permission": "incident.sort", "from": ["reported", "received", "verifying"] },
  "reject": { "permission": "incident.sort", "from": ["reported", "received", "verifying"] },
  "dispatch": { "permission": "incident.dispatch", "from": ["filed", "dispatched", "handling", "returned", "extension_requested"] },
  "withdraw": { "permission": "incident.dispatch", "from": ["dispatched", "handling", "extension_requested"] },
  "add": { "permission": "incident.dispatch", "from": ["filed", "dispatched", "handling", "returned", "extension_requested"] },
  "merge": { "permission": "incident.dispatch", "from": ["reported", "received", "verifying", "filed", "dispatched", "handling", "handled", "inspecting", "rework", "returned", "extension_requested", "shelved"] },
  "return": { "permission": "incident.dispatch", "from": ["filed", "dispatched", "handling", "extension_requested"] },
  "shelve": { "permission": "incident.dispatch", "from": ["filed", "dispatched", "handling", "returned", "extension_requested"] },
  "resume": { "permission": "incident.dispatch", "from": ["shelved"] },
  "await": { "permission": "incident.dispatch", "from": ["filed", "dispatched", "handling", "returned", "extension_requested"] },
  "go_on": { "permission": "incident.dispatch", "from": ["filed", "dispatched", "handling", "returned", "extension_requested"] },
  "whistle": { "permission": "incident.dispatch", "from": ["filed", "dispatched", "handling", "returned", "extension_requested"] },
  "extend": { "permission": "incident.supervise", "from": ["filed", "dispatched", "handling", "returned", "extension_requested"] },
  "refuse_extension": { "permission": "incident.supervise", "from": ["extension_requested"] },
  "supervise": { "permission": "incident.supervise", "from": ["reported", "received", "verifying", "filed", "dispatched", "handling", "handled", "inspecting", "rework", "returned", "extension_requested", "shelved"] },
  "remind": { "permission": "incident.dispatch", "from": ["reported", "received", "verifying", "filed", "dispatched", "handling", "handled", "inspecting", "rework", "returned", "extension_requested", "shelved"] },
  "inspect": { "permission": "incident.close", "from": ["handled"] },
  "rework": { "permission": "incident.close", "from": ["handled", "inspecting"] },
  "close": { "permission": "incident.close", "from": ["filed", "handled", "inspecting", "returned"] },
  "void": { "permission": "incident.supervise", "from": ["reported", "received", "verifying", "filed", "dispatched", "handling", "handled", "inspecting", "rework", "returned", "extension_requested", "shelved"] },
  "reopen": { "permission": "incident.supervise", "from": ["rejected", "void", "closed", "duplicate"] }
};

const GROUPS = {
  sort: ["receive", "verify", "file", "reject"],
  send: ["dispatch", "add", "withdraw", "whistle"],
  time: ["extend", "refuse_extension", "shelve", "resume", "await", "go_on"],
  push: ["remind", "supervise"],
  end: ["inspect", "rework", "close", "merge", "return", "void", "reopen"],
};
const CALLED = /^dept_/; // the place of a department that was whistled for: others are added, not put in its stead
const ACTIVE = new Set(["offered", "accepted", "on_scene"]);
const UNFILLED = new Set(["open", "held"]);

export const door = (act) => act.replaceAll("_", "-");

/* Tasks somebody has, in the order of their places. */
export const activeTasks = ({ needs = [] }) => needs.map(({ task }) => task).filter((task) => task && ACTIVE.has(task.status));

/* The places somebody may be sent to by name. */
export const places = ({ needs = [] }) => needs.filter(({ slot }) => !CALLED.test(slot));

/* Whether an act can be done now and by whoever holds the permissions `may`. */
export function can(act, row, may) {
  const { permission, from } = MOVES[act];
  const somebody = act !== "withdraw" || activeTasks(row).length > 0;
  const waits = (row.clocks ?? []).some(({ resting }) => resting === "waiting");
  const inTurn = act === "await" ? !waits && (row.clocks ?? []).some(({ since }) => since) : act !== "go_on" || waits;
  const aPlace = act !== "dispatch" || places(row).length > 0;
  return may.has(permission) && from.includes(row.status) && somebody && aPlace && inTurn;
}

const LIKELY = {
  reported: "receive",
  received: "file",
  verifying: "file",
  handled: "close",
  inspecting: "close",
  extension_requested: "extend",
  shelved: "resume",
};

/* The one likely next act, or null: then nobody at the command centre needs to do anything. */
export function likely(row, may) {
  const empty = (needs) => needs.some(({ state }) => UNFILLED.has(state));
  const unfilled = empty(places(row)) ? "dispatch" : empty(row.needs ?? []) ? "whistle" : null;
  const act = LIKELY[row.status] ?? unfilled;
  return act && can(act, row, may) ? act : null;
}

/* All other acts that can be done, as [group, acts]. */
export function others(row, may) {
  const first = likely(row, may);
  const left = Object.entries(GROUPS).map(([group, acts]) => [group, acts.filter((act) => act !== first && can(act, row, may))]);
  return left.filter(([, acts]) => acts.length);
}
