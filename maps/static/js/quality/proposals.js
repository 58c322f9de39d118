/* Proposals to change the ground: have a repair made, look at before and after, accept or reject. */
import { get, newKey, post } from "../common/api.js";
import { el, show } from "../common/dom.js";
import { has, t, word } from "../common/texts.js";
import { ask } from "../plain/ask.js";
import { attempt, trouble } from "../plain/form.js";
import { badge, moment } from "../plain/words.js";
import { amount, layerName, number } from "./words.js";

const FIGURES = ["grids", "moved_m2", "households_moved"];

const who = (login) => login ?? t("quality.by_machine");

/* Everything of a proposal but its shapes: how it stands, what it would do. */
function figures({ summary, status, reason }) {
  if (status === "failed") return el("p", { class: "problem" }, word("why_not", reason));
  const rows = FIGURES.filter((name) => name in summary).map((name) => el("div", {}, el("dt", {}, t(`quality.${name}`)), el("dd", {}, number(summary[name]))));
  const kinds = Object.entries(summary.before ?? {}).filter(([kind, n]) => n || summary.after[kind]);
  const change = kinds.map(([kind, n]) => el("div", {}, el("dt", {}, t(`ground_fault.${kind}`)), el("dd", {}, `${number(n)} → ${number(summary.after[kind])}`)));
  return el("div", { class: "sums" }, el("dl", { class: "facts" }, ...rows), change.length ? el("h3", {}, t("quality.before_after")) : "", change.length ? el("dl", { class: "facts" }, ...change) : "");
}

export class Proposals {
  /* `shown(proposal, features)` when one is opened, `changed()` when the ground is another. */
  constructor(box, side, { shown, changed, back, choose }) {
    Object.assign(this, { box, side, shown, changed, back, choose, items: [], layers: [], open: null, may: false });
  }

  async read() {
    try {
      const [{ items }, layers] = await Promise.all([get("/api/proposals"), this.layers.length ? this.layers : get("/api/layers")]);
      Object.assign(this, { items, layers });
      this.draw();
    } catch (problem) {
      if (problem.status !== 403) throw problem;
    }
  }

  get running() {
    return this.items.some((one) => one.status === "running");
  }

  draw() {
    const rows = this.items.map((one) => {
      const name = `${t(`quality.kind.${one.kind}`)} · ${layerName(this.layers, one.layer)}`;
      const line = el("span", { class: "second" }, `${t(`quality.status.${one.status}`)} · ${moment(one.made)}`);
      return el("li", {}, el("button", { class: "proposal-row", "data-proposal": one.id, "aria-current": this.open === one.id ? "true" : null, onclick: () => this.show(one.id) }, el("b", {}, name), line));
    });
    const none = rows.length ? "" : el("p", { class: "second" }, t("quality.proposals_none"));
    this.box.replaceChildren(el("h2", {}, t("quality.proposals")), none, el("ul", {}, ...rows), ...(this.may ? [this.#asking()] : []));
    show(this.box, rows.length > 0 || this.may);
  }

  #asking() {
    const pick = el("select", { "aria-label": t("quality.repair_layer") }, ...this.layers.map((layer) => el("option", { value: layer.code, selected: layer.code === "governance" }, layerName(this.layers, layer.code))));
    const box = trouble();
    const button = el("button", { class: "button", id: "repair", "aria-busy": this.running ? "true" : null }, t("quality.repair"));
    button.addEventListener("click", () => attempt(button, box, async () => {
      await post("/api/proposals", { kind: "repair", layer: pick.value }, { "Idempotency-Key": newKey() });
      await this.read();
      this.back(); // which also looks how far it is
    }));
    return el("div", { class: "asking" }, el("p", { class: "second" }, t("quality.repair_say")), pick, button, box);
  }

  async show(id) {
    const { proposal, shapes } = await get(`/api/proposals/${encodeURIComponent(id)}`);
    this.open = id;
    this.draw();
    const features = shapes.features;
    this.side.replaceChildren(this.#head(proposal), el("div", { class: "about" }, figures(proposal), this.#deeds(proposal)), this.#rows(features, proposal));
    this.shown(features);
    this.side.scrollTop = 0;
    this.side.focus({ preventScroll: true });
  }

  #head(proposal) {
    const back = el("button", { class: "close", "aria-label": t("quality.back"), onclick: () => this.leave() }, "×");
    const told = [t("quality.made", { at: moment(proposal.made), who: who(proposal.made_by) }), proposal.decided ? t("quality.decided", { at: moment(proposal.decided), who: proposal.decided_by ?? t("quality.by_other") }) : ""];
    const title = `${t(`quality.kind.${proposal.kind}`)} · ${layerName(this.layers, proposal.layer)}`;
    return el("header", { class: "with-close" }, el("div", {}, el("h2", { id: "list-title" }, title, " ", badge(proposal.status, t(`quality.status.${proposal.status}`))), el("p", { class: "second" }, told.filter(Boolean).join(" · "))), back);
  }

  #deeds(proposal) {
    if (proposal.status !== "proposed" || !this.may) return "";
    const box = trouble();
    const moved = number(proposal.summary.households_moved ?? 0);
    const decide = (button, deed, question) => button.addEventListener("click", async () => {
      if (!(await ask(question))) return;
      attempt(button, box, async () => {
        await post(`/api/proposals/${encodeURIComponent(proposal.id)}/${deed}`, undefined, { "Idempotency-Key": newKey() });
        await this.read();
        await this.show(proposal.id);
        this.changed();
      });
    });
    const yes = el("button", { class: "button main", id: "accept" }, t("quality.accept"));
    const no = el("button", { class: "button", id: "reject" }, t("quality.reject"));
    decide(yes, "accept", { title: t("quality.accept_ask"), text: t("quality.accept_say", { n: number(proposal.shapes), households: moved }), yes: t("quality.accept") });
    decide(no, "reject", { title: t("quality.reject_ask"), text: t("quality.reject_say"), yes: t("quality.reject") });
    return el("div", { class: "deeds" }, el("div", { class: "buttons" }, yes, no), box);
  }

  #rows(features, { summary }) {
    const row = ({ properties: one }) => {
      const leaving = summary.leaving?.[one.code];
      const told = t(one.was ? "quality.shape_row" : "quality.first_shape", { m2: amount(one.moved_m2, "m2"), households: number(one.households ?? 0) });
      const how = [told, leaving ? t("quality.leaving", { n: number(leaving) }) : "", one.name === one.code ? "" : one.code].filter(Boolean).join(" · ");
      return el("li", {}, el("button", { class: "fault", "data-id": one.code, onclick: () => this.choose(one.code) }, el("b", {}, one.name), el("span", { class: "second" }, how)));
    };
    const largest = [...features].sort((a, b) => b.properties.moved_m2 - a.properties.moved_m2);
    return el("ol", { class: "rows" }, ...largest.map(row));
  }

  mark(code) {
    for (const row of this.side.querySelectorAll(".fault")) {
      if (row.dataset.id === code) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
    const row = [...this.side.querySelectorAll(".fault")].find((one) => one.dataset.id === code);
    row?.scrollIntoView({ block: "nearest" });
  }

  leave() {
    this.open = null;
    this.draw();
    this.back();
  }
}

/* Whether there are words for why something came to nothing. */
export const whyNot = (reason) => (has(`why_not.${reason}`) ? t(`why_not.${reason}`) : String(reason ?? ""));
