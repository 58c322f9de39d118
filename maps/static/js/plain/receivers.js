/* Receivers of notices: who is told what happens, how that goes, and beside the list one of them or a new one. */
import { get } from "../common/api.js";
import { $, el, say, show } from "../common/dom.js";
import { t, word } from "../common/texts.js";
import { tell, why } from "./form.js";
import { enter, leave } from "./frame.js";
import { newReceiver } from "./new-receiver.js";
import { Pane } from "./pane.js";
import { Receiver } from "./receiver.js";
import { going, mood, reach } from "./told.js";
import { badge } from "./words.js";

const AGAIN = 5000; // ms between looks while the page is seen

let receivers = [];
let layers = [];
const pane = new Pane($("pane"), (box) => box.show(null, t("receivers.how"), [how()]));

const how = () => el("ul", { class: "explained" }, ...["once", "again", "private", "own"].map((part) => el("li", {}, t(`receivers.how_${part}`))));

function rowOf(row) {
  const state = mood(row);
  const name = el("span", { class: "name" }, el("b", {}, row.label), el("span", { class: "second" }, [word("via", row.kind), row.host].join(" · ")), el("span", { class: "second" }, [reach(row, layers), t("receivers.n_events", { n: row.events.length })].join(" · ")));
  const state_ = el("span", { class: "going" }, badge(state, t(`receivers.${state}`)), el("span", { class: "second" }, going(row)));
  const counted = el("span", { class: "counted" }, el("span", {}, t("receivers.delivered_n"), " ", el("b", {}, row.delivered)), el("span", {}, t("receivers.waiting_n"), " ", el("b", {}, row.waiting)), el("span", {}, t("receivers.given_up_n"), " ", el("b", {}, row.given_up)));
  const button = el("button", { class: `row ${state}`, "aria-current": String(pane.subject === row.id), onclick: () => open(row.id) }, name, state_, counted);
  button.dataset.id = row.id;
  return el("li", {}, button);
}

function draw() {
  const focused = document.activeElement?.dataset?.id;
  $("rows").replaceChildren(...receivers.map(rowOf));
  if (focused) $("rows").querySelector(`[data-id="${focused}"]`)?.focus();
  const ill = receivers.filter((row) => mood(row) === "ill").length;
  say($("summary"), receivers.length ? t(ill ? "receivers.summary_ill" : "receivers.summary", { n: receivers.length, ill }) : "");
  tell($("empty"), receivers.length ? "" : t("receivers.none"));
}

async function read() {
  try {
    ({ items: receivers, layers } = await get("/api/receivers"));
    receivers.sort((a, b) => (mood(b) === "ill") - (mood(a) === "ill")); // what is wrong comes first, else by label
    tell($("trouble"), "");
    draw();
  } catch (problem) {
    if (problem.status === 401) leave();
    tell($("trouble"), why(problem));
  }
}

let opened = null;

function open(id) {
  const row = receivers.find((one) => one.id === id);
  opened = new Receiver({ row, layers, changed: read, gone: () => pane.close() });
  pane.open(id, row.label, opened.parts());
  draw();
}

function add() {
  const made = newReceiver({
    layers,
    added: read,
    open: (id) => open(id),
  });
  pane.open("new", t("receivers.add"), [made]);
  draw();
  made.querySelector("select").focus();
}

async function look() {
  if (document.hidden) return;
  await read();
  const row = receivers.find((one) => one.id === pane.subject);
  if (row && opened) await opened.renew(row);
}

$("add").addEventListener("click", add);
enter("notice.manage", async () => {
  pane.rest(pane);
  await read();
  show($("add"), true); // the form needs the layers
  setInterval(look, AGAIN);
});
