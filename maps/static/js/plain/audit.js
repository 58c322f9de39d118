/* The audit: rows newest first with their filters, and the chain that says whether anything was changed. */
import { get } from "../common/api.js";
import { $, arrange, el, show } from "../common/dom.js";
import { t } from "../common/texts.js";
import { sameDay } from "../common/time.js";
import { Chain } from "./chain.js";
import { tell, why } from "./form.js";
import { enter, leave } from "./frame.js";
import { dayLine, lineOf, nameOf } from "./lines.js";

const AT_ONCE = 100;
const RESULTS = ["", "done", "refused", "failed"];
const ACTIONS = [
  "signed_in", "sign_in_failed", "sign_in_throttled", "receipt_throttled", "signed_out",
  "account_added", "account_locked", "account_unlocked", "password_reset", "password_changed",
  "role_given", "role_taken", "token_made", "token_revoked",
  "roster_set", "day_changed", "day_restored", "shifts_swapped", "swap_taken_back", "worker_reserved", "reservation_dropped",
  "receiver_added", "receiver_changed", "receiver_removed", "receiver_tested", "delivery_retried",
  "ground_checked", "proposal_asked", "proposal_accepted", "proposal_rejected",
  "household_viewed", "households_listed", "incidents_exported", "audit_verified", "refused",
];

const chosen = { action: "", result: "", account: null };
let chain;
let last = null; // the row shown last: the next part begins after it
let next = null;
let asked = 0;

function drawFilters() {
  const action = $("action");
  action.append(el("option", { value: "" }, t("audit.all_actions")), ...ACTIONS.map((code) => el("option", { value: code }, t(`action.${code}`))));
  action.addEventListener("change", () => filter({ action: action.value }));
  for (const result of RESULTS) {
    const pick = el("input", { type: "radio", name: "result", value: result, checked: result === "", onchange: () => filter({ result }) });
    $("results").append(el("label", {}, pick, el("span", {}, t(result ? `result.${result}` : "audit.all_results"))));
  }
}

function drawChosen() {
  const clear = el("button", { class: "button", onclick: () => filter({ account: null }) }, t("audit.clear"));
  arrange($("chosen"), chosen.account ? [el("p", {}, t("audit.only", { login: nameOf(chosen.account) })), clear] : []);
  show($("chosen"), Boolean(chosen.account));
}

function filter(changes) {
  Object.assign(chosen, changes);
  drawChosen();
  read(null);
}

function draw(items, fresh) {
  if (fresh) {
    $("rows").replaceChildren();
    last = null;
  }
  for (const row of items) {
    if (!last || !sameDay(last.at, row.at)) $("rows").append(dayLine(row));
    $("rows").append(lineOf(row, (account) => filter({ account })));
    last = row;
  }
  const filtered = chosen.action || chosen.result || chosen.account;
  tell($("empty"), last ? "" : t(filtered ? "audit.none_such" : "audit.none"));
  show($("more"), next !== null);
}

async function read(after) {
  const mine = (asked += 1);
  const query = new URLSearchParams({ limit: AT_ONCE });
  if (chosen.action) query.set("action", chosen.action);
  if (chosen.result) query.set("result", chosen.result);
  if (chosen.account) query.set("account", chosen.account.id);
  if (after !== null) query.set("after", after);
  try {
    const answer = await get(`/api/audit?${query}`);
    if (mine !== asked) return;
    next = answer.next;
    chain.draw(answer.head);
    tell($("trouble"), "");
    draw(answer.items, after === null);
  } catch (problem) {
    if (problem.status === 401) leave();
    if (mine === asked) tell($("trouble"), why(problem));
  }
}

$("more").addEventListener("click", () => read(next));
$("refresh").addEventListener("click", () => read(null));
if (window.innerWidth < 1000) $("chain").open = false;
drawFilters();
enter("audit.view", async () => {
  chain ??= new Chain({ count: $("count"), head: $("head"), verdict: $("verdict") });
  await read(null);
});
