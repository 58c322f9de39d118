/* One receiver in the pane: how it goes, what it is told, what can be done with it, and what was told it. */
import { call, get, post } from "../common/api.js";
import { $, arrange, el, say } from "../common/dom.js";
import { t, word } from "../common/texts.js";
import { ask } from "./ask.js";
import { attempt, field, form, input, tell, trouble } from "./form.js";
import { eventPicks, going, mood, reach, toldWord, troubleWord } from "./told.js";
import { badge, moment } from "./words.js";

const AT_ONCE = 20;

export class Receiver {
  /* `changed()` reads the list anew, `gone()` closes the pane. */
  constructor({ row, layers, changed, gone }) {
    Object.assign(this, { row, layers, changed, gone, items: [], next: null });
    this.path = `/api/receivers/${encodeURIComponent(row.id)}`;
    this.box = trouble();
    this.good = el("p", { class: "good", role: "status", hidden: true });
    this.boxes = { facts: el("div", {}), deeds: el("div", {}), told: el("div", {}) };
  }

  parts() {
    this.#draw();
    this.#read();
    return [this.boxes.facts, this.box, this.good, this.boxes.deeds, this.boxes.told];
  }

  /* Take a newer row, unless something is being written in the pane. */
  async renew(row) {
    this.row = row;
    if (this.boxes.deeds.querySelector("form")) return;
    this.#draw();
    if (this.items.length <= AT_ONCE) await this.#read();
  }

  #draw() {
    const row = this.row;
    const chips = el("span", { class: "told-list" }, ...row.events.map((event) => el("span", { class: "chip" }, toldWord(event))));
    const pairs = [
      [t("receivers.state"), badge(mood(row), t(`receivers.${mood(row)}`)), el("span", { class: "second" }, going(row))],
      [t("receivers.kind"), `${word("via", row.kind)} · ${row.host}`],
      [t("receivers.where"), reach(row, this.layers)],
      [t("receivers.lang"), row.lang === "en" ? "English" : "中文"],
      [t("receivers.events"), chips],
    ];
    arrange(this.boxes.facts, [el("dl", { class: "facts" }, ...pairs.map(([name, ...values]) => el("div", {}, el("dt", {}, name), el("dd", {}, ...values))))]);
    const pause = this.row.paused_at ? this.#deed("button", t("receivers.go_on"), () => this.#change({ paused: false })) : this.#deed("button", t("receivers.pause"), () => this.#change({ paused: true }));
    const edit = el("button", { type: "button", class: "button", onclick: () => this.#edit() }, t("receivers.edit"));
    arrange(this.boxes.deeds, [el("div", { class: "buttons" }, this.#deed("button main", t("receivers.test"), () => this.#test()), pause, edit, this.#remover())]);
  }

  async #change(body) {
    this.row = await call("PATCH", this.path, body);
    this.#draw();
    await this.changed();
  }

  async #test() {
    const { trouble: code } = await post(`${this.path}/test`);
    tell(code ? this.box : this.good, code ? t("receivers.test_failed", { trouble: troubleWord(code) }) : t("receivers.test_done"));
    await this.changed();
  }

  #edit() {
    const label = input({ required: true, maxlength: 100, value: this.row.label });
    const tongue = el("select", {}, ...[["zh", "中文"], ["en", "English"]].map(([code, name]) => el("option", { value: code, selected: this.row.lang === code }, name)));
    const events = eventPicks(this.row.events);
    const cancel = el("button", { type: "button", class: "button", onclick: () => this.#draw() }, t("word.cancel"));
    const save = el("button", { class: "button main" }, t("receivers.save"));
    const made = form([field(t("receivers.label"), label), field(t("receivers.lang"), tongue), events.node, el("p", { class: "second" }, t("receivers.address_fixed"))], el("div", { class: "buttons" }, save, cancel), async () => {
      await this.#change({ label: label.value.trim(), lang: tongue.value, events: events.chosen() });
      say($("pane-title"), this.row.label);
    });
    arrange(this.boxes.deeds, [made]);
    label.focus();
  }

  #remover() {
    const question = { title: t("receivers.remove_ask", { label: this.row.label }), text: t("receivers.remove_say"), yes: t("receivers.remove") };
    return this.#deed("button grave", t("receivers.remove"), async () => {
      if (!(await ask(question))) return;
      await call("DELETE", this.path);
      this.gone();
      await this.changed();
    });
  }

  async #read(after) {
    try {
      const { items, next } = await get(`${this.path}/deliveries?${new URLSearchParams({ limit: AT_ONCE, ...(after ? { after } : {}) })}`);
      this.items = after ? [...this.items, ...items] : items;
      this.next = next;
      this.#drawTold();
    } catch (problem) {
      if (problem.status !== 404) throw problem; // taken away meanwhile
    }
  }

  #drawTold() {
    const lines = this.items.map((one) => this.#line(one));
    const more = el("button", { type: "button", class: "button", onclick: () => this.#read(this.next) }, t("plain.more"));
    const none = el("p", { class: "second" }, t("receivers.told_nothing"));
    arrange(this.boxes.told, [el("h3", {}, t("receivers.deliveries")), lines.length ? el("ul", { class: "deliveries" }, ...lines) : none, ...(this.next === null ? [] : [more])]);
  }

  #line(one) {
    const what = el("span", { class: "what" }, badge(one.state, t(`receivers.${one.state}`)), el("b", {}, toldWord(one.event)));
    const times = [moment(one.made_at)];
    if (one.tries > 1 || one.trouble) times.push(t("receivers.tries", { n: one.tries }));
    if (one.trouble) times.push(troubleWord(one.trouble));
    if (one.state === "waiting" && one.trouble) times.push(t("receivers.next_try", { time: moment(one.due_at) }));
    const again = one.state === "given_up" || (one.state === "waiting" && one.trouble) ? this.#deed("button", t("receivers.again"), () => this.#again(one)) : "";
    return el("li", {}, what, el("span", { class: "second" }, times.join(" · ")), again);
  }

  async #again(one) {
    this.row = await post(`/api/deliveries/${one.id}/retry`);
    this.#draw();
    await this.#read();
    await this.changed();
  }

  #deed(look, text, job) {
    const button = el("button", { type: "button", class: look.startsWith("button") ? look : `button ${look}` }, text);
    button.addEventListener("click", async () => {
      tell(this.box, "");
      tell(this.good, "");
      await attempt(button, this.box, job);
    });
    return button;
  }
}
