/* Perhaps the same: what was reported near by in like words, both texts side by side; one click and a confirmation merge the later into the earlier. */
import { get, newKey, NoNetwork, post } from "../common/api.js";
import { arrange, el, show } from "../common/dom.js";
import { distance, t, word } from "../common/texts.js";
import { span } from "../common/time.js";
import { can } from "./acts.js";

const isEarlier = (one, other) => Date.parse(one.reported_at) < Date.parse(other.reported_at);

export class Same {
  /* `on` = {row(), open(id), reload()}: the incident as shown, showing another, fetching it anew. */
  constructor(store, on) {
    Object.assign(this, { store, on, items: [], asked: null, said: null });
    this.node = el("div", { class: "same", hidden: true });
  }

  async load() {
    try {
      this.items = (await get(`/api/incidents/${encodeURIComponent(this.on.row().id)}/near`)).items;
    } catch {
      this.items = []; // beside everything else, nothing is missing that the page says is there
    }
    this.fill();
  }

  fill() {
    const row = this.on.row();
    const may = row && can("merge", row, this.store.may);
    show(this.node, Boolean(may) && this.items.length > 0);
    if (!may) return;
    const hint = el("p", { class: "second" }, t("wall.same_hint"));
    const lines = this.items.map((one) => this.#line(row, one));
    arrange(this.node, [el("h3", {}, t("wall.same", { n: this.items.length })), hint, el("ol", {}, ...lines)]);
  }

  #line(row, one) {
    const apart = one.minutes ? t(one.minutes < 0 ? "wall.same_earlier" : "wall.same_later", { t: span(Math.abs(one.minutes) * 60000) }) : t("wall.same_minute");
    const followers = one.followers ? t("wall.followers", { n: one.followers }) : "";
    const facts = [distance(one.metres), apart, word("status", one.status), followers].filter(Boolean).join(" · ");
    const text = (title, said) => el("div", {}, el("h4", {}, title), el("p", {}, said || t("word.none")));
    const texts = el("div", { class: "both" }, text(t("wall.same_this"), row.description), text(t("wall.same_other"), one.description));
    return el("li", {}, texts, el("p", { class: "second" }, facts), this.#deed(row, one));
  }

  #deed(row, one) {
    const look = el("button", { class: "link", type: "button", onclick: () => this.on.open(one.id) }, t("wall.same_open"));
    if (this.asked !== one.id) {
      const ask = el("button", { class: "act-button", type: "button", onclick: () => this.#ask(one.id) }, t("wall.same_merge"));
      return el("div", { class: "same-deed" }, ask, look);
    }
    const into = t(isEarlier(one, row) ? "wall.same_into_other" : "wall.same_into_this");
    const sure = el("button", { class: "act-button sure", type: "button", onclick: (event) => this.#merge(row, one, event.currentTarget) }, t("wall.same_sure"));
    const not = el("button", { class: "link", type: "button", onclick: () => this.#ask(null) }, t("word.cancel"));
    const why = this.said ? el("p", { class: "problem", role: "alert" }, this.said) : null;
    return el("div", { class: "same-deed" }, el("p", {}, into), why, sure, not);
  }

  #ask(id) {
    this.asked = id;
    this.said = null;
    this.fill();
    this.node.querySelector(id ? ".sure" : ".act-button")?.focus();
  }

  async #merge(row, one, button) {
    button.disabled = true;
    const [later, earlier] = isEarlier(one, row) ? [row.id, one.id] : [one.id, row.id];
    const seen = later === row.id ? row.revision : this.store.incidents.get(later)?.revision;
    try {
      await post(`/api/incidents/${encodeURIComponent(later)}/merge`, { original: earlier, seen }, { "Idempotency-Key": newKey() });
      this.asked = null;
    } catch (problem) {
      this.said = problem instanceof NoNetwork ? t("wall.no_network") : problem.message;
      this.fill();
      return;
    }
    await this.on.reload();
  }
}
