/* One incident in the drawer: what, where, who, next step; below it the history and who else could go. */
import { get, NoNetwork, post } from "../common/api.js";
import { arrange, el, say, show } from "../common/dom.js";
import { splitAddress } from "../common/places.js";
import { distance, t, word } from "../common/texts.js";
import { clock, date, now, overdue, sameDay, span } from "../common/time.js";
import { eventOf, nextOf, noteOf, sentence, whereOf, workerOf } from "./words.js";

const WAYS = ["resolved", "mediated", "transferred", "no_action"];
const MOST_CANDIDATES = 8;
const CLOSABLE = new Set(["handled", "filed"]); // done, or waiting and settled in another way

const when = (at) => (sameDay(at, now()) ? clock(at) : `${date(at)} ${clock(at)}`);

function pair(name, ...values) {
  return el("div", { class: "pair" }, el("dt", {}, name), el("dd", {}, ...values));
}

export class Case {
  /* `closed(row)` is told when this drawer closed the incident. */
  constructor(id, store, closed) {
    Object.assign(this, { id, store, closed });
    this.more = null; // areas, history, candidates, once they are here
    this.nodes = {};
    this.way = WAYS[0];
  }

  get row() {
    return this.store.incidents.get(this.id) ?? this.more;
  }

  async load() {
    try {
      this.more = await get(`/api/incidents/${encodeURIComponent(this.id)}`);
      this.missing = false;
    } catch {
      this.missing = true;
    }
    this.fill();
  }

  draw(body) {
    this.body = body;
    const parts = ["lead", "facts", "deed", "history", "candidates"];
    this.nodes = Object.fromEntries(parts.map((name) => [name, el("div", { class: name })]));
    arrange(body, parts.map((name) => this.nodes[name]));
    this.fill();
  }

  fill() {
    if (!this.row || !this.body?.isConnected && !this.nodes.lead) return;
    this.#lead();
    this.#facts();
    this.#deed();
    this.#history();
    this.#candidates();
  }

  tick() {
    if (!this.row || !this.nextLine) return;
    say(this.nextLine, nextOf(this.row));
    const { deadline, status } = this.row;
    if (!deadline) return;
    const late = overdue(this.row);
    const left = Date.parse(deadline) - now();
    const running = status !== "closed" && (late || left > 0);
    say(this.limit, running ? t(late ? "wall.over" : "wall.left", { t: span(Math.abs(left)) }) : "");
    this.limit.classList.toggle("late", late);
  }

  #lead() {
    const { urgency, reported_at: reported, description } = this.row;
    const tags = el("p", { class: "tags" }, el("span", { class: `tag ${urgency}` }, word("urgency", urgency)), t("wall.reported_at", { time: when(reported) }));
    arrange(this.nodes.lead, [tags, el("p", { class: "said" }, description || t("word.none"))]);
  }

  #facts() {
    const { row } = this;
    this.nextLine = el("b", {});
    this.limit = el("span", { class: "limit" });
    const path = (this.more?.areas ?? []).map((area) => area.name).join(" › ");
    const { task } = row;
    const code = task?.worker ? `${task.worker.code} · ` : "";
    const who = task ? [sentence(workerOf(task)), el("span", { class: "second" }, code + word("task", task.status))] : [t("wall.waiting")];
    const limit = row.deadline ? [el("span", { class: "second" }, t("wall.deadline", { time: when(row.deadline) }), " ", this.limit)] : [];
    const list = el(
      "dl",
      {},
      pair(t("wall.where"), splitAddress(row).near || whereOf(row), path ? el("span", { class: "second" }, path) : ""),
      pair(t("wall.who"), ...who),
      pair(t("wall.next"), this.nextLine, ...limit),
    );
    arrange(this.nodes.facts, [list]);
    this.tick();
  }

  /* The one likely action: closing what has been handled, or what nobody could take, for who may. */
  #deed() {
    const box = this.nodes.deed;
    const closable = CLOSABLE.has(this.row.status) && this.store.may.has("incident.close");
    show(box, closable);
    if (!closable || box.childElementCount) return;
    const ways = WAYS.map((way) => {
      const input = el("input", { type: "radio", name: "way", value: way, checked: way === this.way, onchange: () => (this.way = way) });
      return el("label", {}, input, el("span", {}, word("disposition", way)));
    });
    this.button = el("button", { class: "big", onclick: () => this.#close() }, t("wall.close"));
    this.trouble = el("p", { class: "problem", role: "alert", hidden: true });
    arrange(box, [el("fieldset", {}, el("legend", {}, t("wall.close_as")), ...ways), this.button, this.trouble]);
  }

  async #close() {
    this.button.disabled = true;
    say(this.button, t("wall.closing"));
    try {
      const row = await post(`/api/incidents/${encodeURIComponent(this.id)}/close`, { disposition: this.way });
      this.more = { ...this.row, ...this.more, ...row };
      this.closed(row);
      await this.load();
    } catch (problem) {
      const why = problem instanceof NoNetwork ? t("wall.broken") : problem.message;
      say(this.trouble, t("wall.close_failed", { why }));
      show(this.trouble, true);
    }
    this.button.disabled = false;
    say(this.button, t("wall.close"));
  }

  #history() {
    const box = this.nodes.history;
    const title = el("h3", {}, t("wall.history"));
    if (this.missing) return arrange(box, [title, el("p", { class: "second" }, t("wall.part_missing"))]);
    if (!this.more) return arrange(box, [title, el("div", { class: "outline" })]);
    const events = [...this.more.history].reverse().sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
    const lines = events.map((event) => {
      const note = noteOf(event);
      const text = el("span", {}, eventOf(event, (code) => this.store.nameOf(code)), note && el("span", { class: "told" }, note));
      return el("li", {}, el("time", {}, when(event.at)), text);
    });
    return arrange(box, [title, lines.length ? el("ol", { class: "events" }, ...lines) : el("p", { class: "second" }, t("wall.no_history"))]);
  }

  #candidates() {
    const all = this.more?.candidates ?? [];
    const known = Boolean(this.more) && this.store.may.has("worker.view");
    show(this.nodes.candidates, known && this.row.status !== "closed" && this.row.status !== "handled");
    const line = ({ worker, metres, reason, shortfall }) => {
      const name = this.store.workers.get(worker.id)?.name ?? worker.name ?? "";
      const why = el("span", { class: "second" }, word("reason", reason ?? shortfall));
      const away = el("span", { class: "away" }, Number.isFinite(metres) ? distance(metres) : "–");
      return el("li", { class: reason ? "goes" : "" }, el("b", {}, name, " ", el("small", {}, worker.code)), why, away);
    };
    const parts = [el("h3", {}, t("wall.candidates"))];
    if (all.length) parts.push(el("ol", { class: "people" }, ...all.slice(0, MOST_CANDIDATES).map(line)));
    else parts.push(el("p", { class: "second" }, t("wall.no_candidates")));
    arrange(this.nodes.candidates, parts);
  }
}
