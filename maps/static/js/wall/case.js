/* One incident in the drawer: what, where, who, next step with the dispatcher's hand; below it the history and who else could go. */
import { get } from "../common/api.js";
import { arrange, el, say, show } from "../common/dom.js";
import { splitAddress } from "../common/places.js";
import { distance, t, word } from "../common/texts.js";
import { when } from "../common/time.js";
import { Hand } from "./hand.js";
import { Judged } from "./judged.js";
import { Same } from "./same.js";
import { Clocks, Who } from "./who.js";
import { eventOf, nextOf, noteOf, whereOf } from "./words.js";

const MOST_CANDIDATES = 8;
const ENDED = new Set(["closed", "rejected", "void", "duplicate"]);
const OPEN_TO_OTHERS = new Set(["filed", "dispatched", "handling", "returned", "extension_requested"]);

function pair(name, ...values) {
  return el("div", { class: "pair" }, el("dt", {}, name), el("dd", {}, ...values));
}

export class Case {
  /* `on` = {changed(row), open(id)}: what this drawer learned of the incident; another incident is to be shown. */
  constructor(id, store, on) {
    Object.assign(this, { id, store, on });
    this.more = null; // areas, history, candidates, once they are here
    this.nodes = {};
    this.who = new Who(store);
    this.clocks = new Clocks();
    this.hand = new Hand(store, { row: () => this.row, more: () => this.more, reload: () => this.load() });
    this.judged = new Judged();
    this.same = new Same(store, { row: () => this.row, open: (id) => on.open(id), reload: () => this.load() });
  }

  /* The newer of what the live link brought and what was fetched. */
  get row() {
    const live = this.store.incidents.get(this.id);
    if (!live || !this.more) return live ?? this.more;
    return (this.more.revision ?? 0) > (live.revision ?? 0) ? this.more : live;
  }

  async load() {
    try {
      this.more = await get(`/api/incidents/${encodeURIComponent(this.id)}`);
      this.missing = false;
      this.on.changed(this.more);
      if (!ENDED.has(this.row.status)) this.same.load();
    } catch {
      this.missing = true;
    }
    this.fill();
  }

  draw(body) {
    this.body = body;
    const parts = ["lead", "facts", "judged", "deed", "same", "history", "candidates"];
    const ready = { deed: this.hand.node, judged: this.judged.node, same: this.same.node };
    this.nodes = Object.fromEntries(parts.map((name) => [name, ready[name] ?? el("div", { class: name })]));
    arrange(body, parts.map((name) => this.nodes[name]));
    this.fill();
  }

  fill() {
    if (!this.row || !this.nodes.lead) return;
    this.#lead();
    this.#facts();
    this.judged.draw(this.row);
    this.hand.fill();
    this.same.fill();
    this.#history();
    this.#candidates();
  }

  tick() {
    if (!this.row || !this.nextLine) return;
    say(this.nextLine, nextOf(this.row));
    this.who.tick();
    this.clocks.tick(this.row);
    this.hand.tick();
  }

  #lead() {
    const { urgency, reported_at: reported, description } = this.row;
    const tags = el("p", { class: "tags" }, el("span", { class: `tag ${urgency}` }, word("urgency", urgency)), t("wall.reported_at", { time: when(reported) }));
    arrange(this.nodes.lead, [tags, el("p", { class: "said" }, description || t("word.none"))]);
  }

  #facts() {
    const { row } = this;
    if (!this.nextLine) {
      this.where = el("span", {});
      this.path = el("span", { class: "second" });
      this.nextLine = el("b", {});
      this.original = el("button", { class: "link", type: "button", onclick: () => this.on.open(this.row.duplicate_of) }, t("wall.open_original"));
      const list = el("dl", {}, pair(t("wall.where"), this.where, this.path), pair(t("wall.who"), this.who.node), pair(t("wall.limits"), this.clocks.node), pair(t("wall.next"), this.nextLine, this.original));
      this.facts = list;
    }
    arrange(this.nodes.facts, [this.facts]);
    say(this.where, splitAddress(row).near || whereOf(row));
    say(this.path, (this.more?.areas ?? []).map((area) => area.name).join(" › "));
    show(this.original, Boolean(row.duplicate_of));
    this.who.draw(row);
    this.clocks.draw(row);
    this.tick();
  }

  #history() {
    const box = this.nodes.history;
    const title = el("h3", {}, t("wall.history"));
    if (this.missing) return arrange(box, [title, el("p", { class: "second" }, t("wall.part_missing"))]);
    if (!this.more) return arrange(box, [title, el("div", { class: "outline" })]);
    const lines = [...this.more.history].sort((a, b) => b.id - a.id).map((event) => {
      const note = noteOf(event);
      const text = el("span", {}, eventOf(event, this.store), note && el("span", { class: "told" }, note));
      return el("li", {}, el("time", {}, when(event.at)), text);
    });
    return arrange(box, [title, lines.length ? el("ol", { class: "events" }, ...lines) : el("p", { class: "second" }, t("wall.no_history"))]);
  }

  /* Among whom it was last decided, for who may see workers. */
  #candidates() {
    const all = this.more?.candidates ?? [];
    const known = Boolean(this.more) && this.store.may.has("worker.view");
    show(this.nodes.candidates, known && OPEN_TO_OTHERS.has(this.row.status) && (all.length > 0 || Boolean(this.row.waiting)));
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
