/* The dispatcher's hand in the drawer: one likely act as the big button, the others in a quiet menu, a form for each, and undo. */
import { newKey, NoNetwork, post } from "../common/api.js";
import { arrange, el, say, show } from "../common/dom.js";
import { t } from "../common/texts.js";
import { clock, now } from "../common/time.js";
import { can, door, likely, others } from "./acts.js";
import { ActForm } from "./form.js";
import { FORMS } from "./forms.js";
import { eventOf } from "./words.js";

const SAID = 60000; // ms an outcome stands

export class Hand {
  /* `on` = {row(), more(), reload()}: the incident as shown, with its history, and fetching it anew. */
  constructor(store, on) {
    Object.assign(this, { store, on, form: null, undoUntil: null, drawn: "" });
    this.outcome = el("p", { class: "outcome", role: "status", tabindex: -1 });
    this.place = el("div", { class: "hand-now" });
    this.menu = el("details", { class: "more-acts" }, el("summary", {}, t("wall.more_acts")), el("div", { class: "act-groups" }));
    this.node = el("div", { class: "deed" }, this.outcome, this.place, this.menu);
  }

  fill() {
    const row = this.on.row();
    const menu = others(row, this.store.may);
    const first = likely(row, this.store.may);
    const open = this.form && !this.form.standing;
    if (open) this.#compare(row);
    else this.#next(row, first);
    this.#others(menu);
    show(this.menu, !open && menu.length > 0);
    show(this.node, Boolean(this.form || first || menu.length || this.outcome.childNodes.length));
  }

  tick() {
    if (!this.saidAt) return;
    const left = this.undoUntil === null ? 0 : Math.ceil((this.undoUntil - now()) / 1000);
    if (this.undo) {
      show(this.undo, left > 0);
      say(this.undo, t("wall.undo", { n: left }));
    }
    if (now() - this.saidAt > SAID && left <= 0) this.#say("");
  }

  /* A click in the list is an answer while a form asks for an incident. */
  picks(id) {
    return Boolean(this.form?.picks(id));
  }

  /* Give up an open form; true when there was one. */
  cancel() {
    if (!this.form || this.form.standing) return false;
    const { act } = this.form;
    this.form = null;
    this.drawn = "";
    this.fill();
    (this.place.querySelector(`[data-act="${act}"]`) ?? this.menu.querySelector("summary")).focus();
    return true;
  }

  #next(row, first) {
    if (this.form?.standing && this.form.act === first) {
      this.form.seen = row.revision;
      return;
    }
    this.form = null;
    if (first === "close") {
      this.form = this.#formOf("close", row, true);
      arrange(this.place, [this.form.node]);
      this.drawn = "";
    } else if (first !== this.drawn || !this.place.childElementCount) {
      this.drawn = first;
      arrange(this.place, first ? [this.#button(first, "big")] : []);
    }
  }

  #others(groups) {
    const look = JSON.stringify(groups);
    if (look === this.listed) return;
    this.listed = look;
    const focused = document.activeElement?.dataset?.act;
    const part = ([group, acts]) => el("div", { class: "act-group" }, el("h4", {}, t(`wall.group_${group}`)), el("div", {}, ...acts.map((act) => this.#button(act, "act-button"))));
    this.menu.lastChild.replaceChildren(...groups.map(part));
    if (focused && this.menu.open) this.menu.querySelector(`[data-act="${focused}"]`)?.focus();
  }

  #button(act, look) {
    const asks = act in FORMS;
    return el("button", { class: look, type: "button", "data-act": act, onclick: (event) => (asks ? this.#open(act) : this.#atOnce(act, event.currentTarget)) }, t(`act.${act}`));
  }

  #formOf(act, row, standing = false) {
    const on = {
      send: (body, seen) => this.#send(act, body, seen),
      cancel: () => this.cancel(),
      again: () => this.on.reload(),
    };
    return new ActForm(act, { row, store: this.store, more: this.on.more() }, on, standing);
  }

  async #open(act) {
    this.menu.open = false;
    this.#say("");
    if ((this.on.more()?.revision ?? 0) < this.on.row().revision) await this.on.reload(); // what was asked for stands in the history
    this.form = this.#formOf(act, this.on.row());
    const parts = [this.form.node];
    if (act === "extend" && can("refuse_extension", this.on.row(), this.store.may)) {
      parts.push(el("button", { class: "link", type: "button", onclick: () => this.#open("refuse_extension") }, t("wall.refuse_instead")));
    }
    arrange(this.place, parts);
    this.drawn = "";
    this.fill();
    this.form.focus();
  }

  #atOnce(act, button) {
    button.disabled = true;
    return this.#send(act, {}, this.on.row().revision).finally(() => (button.disabled = false));
  }

  /* What others did under an open form is said in it; it is not thrown away. */
  #compare(row) {
    if (row.revision <= (this.form.newest ?? this.form.seen) || this.sending) return;
    this.#tell(row);
  }

  #tell(row) {
    const news = (this.on.more()?.history ?? []).filter(({ id }) => id > this.form.seen);
    if (!news.length) return;
    const lines = news.map((event) => ({ time: clock(event.at), text: eventOf(event, this.store) }));
    this.form.tell(lines, Math.max(row.revision, ...news.map(({ id }) => id)), can(this.form.act, row, this.store.may));
  }

  async #send(act, body, seen) {
    this.sending = true;
    const path = `/api/incidents/${encodeURIComponent(this.on.row().id)}/${door(act)}`;
    try {
      const done = await post(path, { ...body, seen }, { "Idempotency-Key": newKey() });
      this.#done(t(`done.${act}`), done.undo_until);
      await this.on.reload();
    } catch (problem) {
      await this.#refused(act, problem);
    }
    this.sending = false;
    this.fill();
  }

  async #refused(act, problem) {
    const changed = problem.code === "changed_meanwhile";
    if (changed || problem.code === "move_not_allowed") await this.on.reload();
    if (changed && !this.form) {
      const [last] = problem.facts.changed.slice(-1).map((event) => eventOf(event, this.store));
      this.#say(t("wall.changed_first", { what: last ?? "" }), null, true);
      return;
    }
    if (changed && !this.form.standing) this.#tell(this.on.row());
    if (this.form?.blocked) return;
    const why = problem instanceof NoNetwork ? t("wall.no_network") : problem.message;
    if (this.form) this.form.refuse(why);
    else this.#say(t("wall.refused", { act: t(`act.${act}`), why }), null, true);
  }

  #done(text, undoUntil) {
    this.form = null;
    this.drawn = "";
    this.place.replaceChildren();
    this.#say(text, undoUntil ? Date.parse(undoUntil) : null);
    this.outcome.focus({ preventScroll: true }); // not the undo: a second Enter must not take it back
  }

  #say(text, undoUntil = null, bad = false) {
    this.undoUntil = undoUntil;
    this.saidAt = text ? now() : null;
    this.undo = text && undoUntil && this.store.may.has("incident.dispatch") ? el("button", { class: "link", type: "button", onclick: () => this.#undo() }, "") : null;
    this.outcome.classList.toggle("bad", bad);
    this.outcome.replaceChildren(...(text ? [el("span", {}, text), ...(this.undo ? [this.undo] : [])] : []));
    this.tick();
  }

  async #undo() {
    this.undo.disabled = true;
    try {
      await post(`/api/incidents/${encodeURIComponent(this.on.row().id)}/undo`, {}, { "Idempotency-Key": newKey() });
      this.#say(t("wall.undone"));
    } catch (problem) {
      this.#say(t("wall.not_undone", { why: problem instanceof NoNetwork ? t("wall.no_network") : problem.message }), null, true);
    }
    await this.on.reload();
  }
}
