/* How this page says events, troubles and how it goes with a receiver. */
import { el } from "../common/dom.js";
import { has, named, t, word } from "../common/texts.js";
import { moment } from "./words.js";

/* The kinds of event, by what they are about; in front of each group what it is called. */
export const GROUPS = {
  opening: ["reported", "received", "verifying", "filed", "rejected", "duplicate", "void"],
  sending: ["waiting", "offered", "accepted", "declined", "expired", "withdrawn", "dispatched", "reassigned", "added", "climbed"],
  doing: ["on_scene", "done", "failed", "handled", "returned", "rework"],
  late: ["due_soon", "overdue", "scene_late", "reminded", "supervised", "whistled", "reported_in", "extension_requested", "extended", "extension_refused", "shelved", "resumed", "awaiting", "went_on", "recounted"],
  ending: ["inspecting", "closed", "evaluated", "discontent", "reopened", "undone"],
};
/* What most want to hear of: what nobody has in hand, and what went wrong. */
export const USUAL = ["filed", "waiting", "overdue", "scene_late", "whistled"];

export const toldWord = (event) => word("told", event);

/* A trouble's code in words; the number of a server's refusal is kept. */
export function troubleWord(code) {
  const [, kind, number] = /^(http|smtp)_(\d+)$/.exec(code) ?? [];
  if (kind) return t(`trouble.${kind}`, { n: number });
  return has(`trouble.${code}`) ? t(`trouble.${code}`) : t("trouble.unknown");
}

export function mood(row) {
  if (row.paused_at) return "paused";
  if (row.trouble || (row.given_up_at && (!row.delivered_at || row.given_up_at > row.delivered_at))) return "ill";
  return row.delivered_at ? "well" : "untried";
}

/* One line on how it goes. */
export function going(row) {
  if (row.paused_at) return t("receivers.paused_since", { time: moment(row.paused_at) });
  if (row.trouble) return t("receivers.failed_next", { trouble: troubleWord(row.trouble), n: row.tries, time: moment(row.next_try_at) });
  if (mood(row) === "ill") return t("receivers.gave_up", { time: moment(row.given_up_at) });
  return row.delivered_at ? t("receivers.last", { time: moment(row.delivered_at) }) : t("receivers.nothing_yet");
}

/* Where something must happen to be told. */
export function reach({ area, layer }, layers) {
  const known = layers.find((one) => one.code === layer);
  return [area ?? t("plain.whole_town"), layer ? named(known) || layer : ""].filter(Boolean).join(" · ");
}

/* Boxes to tick for each kind of event; `chosen()` gives the codes. */
export function eventPicks(ticked) {
  const group = ([name, events]) => {
    const ticks = events.map((event) => el("label", { class: "tick" }, el("input", { type: "checkbox", value: event, checked: ticked.includes(event) }), toldWord(event)));
    const all = el("button", { type: "button", onclick: () => turn(box) }, t("receivers.all_of_these"));
    const box = el("fieldset", {}, el("legend", {}, t(`receivers.of_${name}`), all), ...ticks);
    return box;
  };
  const node = el("div", { class: "picks", role: "group", "aria-label": t("receivers.events") }, ...Object.entries(GROUPS).map(group));
  const boxes = [...node.querySelectorAll("input")];
  const check = () => boxes[0].setCustomValidity(boxes.some((box) => box.checked) ? "" : t("receivers.choose_event"));
  const turn = (fieldset) => {
    const of = [...fieldset.querySelectorAll("input")];
    const to = !of.every((box) => box.checked);
    for (const box of of) box.checked = to;
    check();
  };
  node.addEventListener("change", check);
  check();
  return { node, chosen: () => boxes.filter((box) => box.checked).map((box) => box.value) };
}
