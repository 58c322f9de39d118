/* Accounts and roles: the list with its search, and beside it one account, a new one, or what the roles bring. */
import { get } from "../common/api.js";
import { $, el, say, show } from "../common/dom.js";
import { named, t } from "../common/texts.js";
import { Account } from "./account.js";
import { newAccount } from "./add.js";
import { tell, why } from "./form.js";
import { enter, leave } from "./frame.js";
import { Pane } from "./pane.js";
import { overview } from "./roles.js";
import { badge, chip, scopeOf } from "./words.js";

const AT_ONCE = 50;
const PAUSE = 250; // ms after the last key before a search

let me;
let roles = [];
let layers = [];
let next = null; // what the next part of the list begins after
let asked = 0; // searches so far: only the last one's answer counts
const accounts = new Map(); // id → row, in the order of the list
const pane = new Pane($("pane"), (box) => box.show(null, t("admin.roles"), overview(roles)));

function rowOf(account) {
  const held = account.roles.map((role) => chip(named(role), scopeOf(role)));
  const state = [account.id === me.account.id ? badge("here", t("admin.you")) : "", account.locked_at ? badge("locked", t("admin.locked")) : "", account.has_password ? "" : badge("bare", t("admin.no_password"))];
  const name = el("span", { class: "name" }, el("b", {}, account.name), el("span", { class: "second" }, [account.login, account.worker].filter(Boolean).join(" · ")));
  const chips = el("span", { class: "chips" }, ...state, ...(held.length ? held : [el("span", { class: "second" }, t("admin.no_roles"))]));
  const button = el("button", { class: "row", "aria-current": String(pane.subject === account.id), onclick: () => open(account.id) }, name, chips);
  button.dataset.id = account.id;
  return el("li", {}, button);
}

function draw() {
  const focused = document.activeElement?.dataset?.id;
  const search = $("search").value.trim();
  $("rows").replaceChildren(...[...accounts.values()].map(rowOf));
  if (focused) $("rows").querySelector(`[data-id="${focused}"]`)?.focus();
  tell($("empty"), accounts.size ? "" : t(search ? "admin.nobody_found" : "admin.nobody", { search }));
  show($("more"), next !== null);
}

async function read(after) {
  const mine = (asked += 1);
  const query = new URLSearchParams({ limit: AT_ONCE });
  const search = $("search").value.trim();
  if (search) query.set("search", search);
  if (after) query.set("after", after);
  try {
    const { items, next: further } = await get(`/api/accounts?${query}`);
    if (mine !== asked) return;
    if (!after) accounts.clear();
    for (const account of items) accounts.set(account.id, account);
    next = further;
    tell($("trouble"), "");
    draw();
  } catch (problem) {
    if (mine === asked) tell($("trouble"), why(problem));
    if (problem.status === 401) leave();
  }
}

/* One account changed, here and in the list. */
function changed(account) {
  accounts.set(account.id, account);
  draw();
}

function open(id) {
  const may = (code) => me.permissions.includes(code);
  const account = new Account({ row: accounts.get(id), me, roles, layers, may, changed });
  pane.open(id, account.row.name, account.parts());
  draw();
}

function add() {
  const made = newAccount({
    mayAssign: me.permissions.includes("role.assign"),
    added: async (login) => {
      $("search").value = "";
      await read(null);
      say($("said"), t("admin.added", { login }));
    },
    open: async (id, login) => {
      if (!accounts.has(id)) {
        $("search").value = login;
        await read(null);
      }
      if (accounts.has(id)) open(id);
    },
  });
  pane.open("new", t("admin.add"), [made]);
  made.querySelector("input").focus();
}

let waiting;
$("search").addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => read(null), PAUSE);
});
$("more").addEventListener("click", () => read(next));
$("add").addEventListener("click", add);
$("show-roles").addEventListener("click", () => pane.open("roles", t("admin.roles"), overview(roles)));
$("rows").addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const buttons = [...$("rows").querySelectorAll("button")];
  buttons[buttons.indexOf(document.activeElement) + step]?.focus();
});

enter("account.view", async (who) => {
  me = who;
  const places = me.permissions.includes("ground.view");
  [roles, layers] = await Promise.all([get("/api/roles"), places ? get("/api/layers") : []]);
  pane.rest(pane);
  show($("show-roles"), true); // nothing opens before what it shows is there
  show($("add"), me.permissions.includes("account.manage"));
  await read(null);
});
