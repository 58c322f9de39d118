/* One account in the pane: its state and roles, and what the person looking at it may change. */
import { call, post } from "../common/api.js";
import { $, arrange, el, say } from "../common/dom.js";
import { named, t } from "../common/texts.js";
import { ask } from "./ask.js";
import { attempt, tell, trouble } from "./form.js";
import { giveForm } from "./give.js";
import { secret } from "./secret.js";
import { badge, moment, scopeOf } from "./words.js";

export class Account {
  /* `changed(row)` is told each new state of the account. */
  constructor({ row, me, roles, layers, may, changed }) {
    Object.assign(this, { row, me, roles, layers, may, changed });
    this.path = `/api/accounts/${encodeURIComponent(row.id)}`;
    this.own = row.id === me.account.id;
    this.box = trouble();
    this.once = el("div", {});
    this.boxes = { facts: el("div", {}), held: el("div", {}), give: el("div", {}), access: el("div", {}) };
  }

  get administrator() {
    return this.row.roles.some((held) => this.roles.find((role) => role.code === held.role)?.administrator);
  }

  parts() {
    this.fill();
    this.#offerRole();
    return [this.boxes.facts, this.once, this.box, this.boxes.held, this.boxes.give, this.boxes.access];
  }

  fill() {
    this.#facts();
    this.#held();
    this.#access();
  }

  #take(row) {
    this.row = row;
    this.fill();
    this.changed(row);
  }

  #facts() {
    const { login, worker, created_at: created, locked_at: locked, has_password: known } = this.row;
    const state = locked ? [badge("locked", t("admin.locked")), el("span", { class: "second" }, t("admin.locked_since", { time: moment(locked) }))] : known ? [t("admin.may_sign_in")] : [t("admin.no_password_say")];
    const pairs = [[t("admin.login"), login], ...(worker ? [[t("admin.worker"), worker]] : []), [t("admin.created"), moment(created)], [t("admin.state"), ...state]];
    arrange(this.boxes.facts, [el("dl", { class: "facts" }, ...pairs.map(([name, ...values]) => el("div", {}, el("dt", {}, name), el("dd", {}, ...values))))]);
  }

  #held() {
    const mayTake = this.may("role.assign") && !this.own && !this.administrator;
    const lines = this.row.roles.map((role) => el("li", {}, el("div", {}, el("b", {}, named(role)), el("span", { class: "second" }, scopeOf(role))), mayTake ? this.#taker(role) : ""));
    const none = el("p", { class: "second" }, t("admin.holds_none"));
    arrange(this.boxes.held, [el("h3", {}, t("admin.holds")), lines.length ? el("ul", { class: "tokens" }, ...lines) : none]);
  }

  #taker(role) {
    const question = { title: t("admin.take_ask", { login: this.row.login, role: named(role) }), text: t("admin.take_say", { scope: scopeOf(role) }), yes: t("admin.take") };
    return this.#deed("button", t("admin.take"), question, async () => {
      this.#take(await call("DELETE", `${this.path}/roles/${encodeURIComponent(role.id)}`));
      say($("said"), t("admin.taken", { role: named(role) }));
    });
  }

  #offerRole() {
    if (this.own && (this.may("role.assign") || this.may("account.manage"))) return arrange(this.boxes.give, [el("p", { class: "second" }, t("admin.not_yourself"))]);
    if (this.administrator) return arrange(this.boxes.give, [el("p", { class: "second" }, t("admin.administrators_elsewhere"))]);
    if (!this.may("role.assign")) return arrange(this.boxes.give, [el("p", { class: "second" }, t("admin.roles_elsewhere"))]);
    const made = giveForm({
      roles: this.roles,
      layers: this.layers,
      places: this.may("ground.view"),
      give: async (body, role) => {
        this.#take(await post(`${this.path}/roles`, body));
        say($("said"), t("admin.given", { role: named(role) }));
        this.#offerRole();
        this.boxes.give.querySelector("select").focus();
      },
    });
    return arrange(this.boxes.give, [el("h3", {}, t("admin.give")), made]);
  }

  #access() {
    const box = this.boxes.access;
    if (!this.may("account.manage") || this.own || this.administrator) return arrange(box, []);
    return arrange(box, [el("h3", {}, t("admin.access")), el("div", { class: "buttons" }, this.#reset(), this.row.locked_at ? this.#unlock() : this.#lock())]);
  }

  #lock() {
    const question = { title: t("admin.lock_ask", { login: this.row.login }), text: t("admin.lock_say"), yes: t("admin.lock") };
    return this.#deed("button grave", t("admin.lock"), question, async () => {
      this.#take(await post(`${this.path}/lock`));
      say($("said"), t("admin.locked"));
    });
  }

  #unlock() {
    return this.#deed("button", t("admin.unlock"), null, async () => {
      this.#take(await post(`${this.path}/unlock`));
      say($("said"), t("admin.unlocked"));
    });
  }

  #reset() {
    const { login } = this.row;
    const question = { title: t("admin.reset_ask", { login }), text: t("admin.reset_say"), yes: t("admin.reset") };
    return this.#deed("button", t("admin.reset"), question, async () => {
      const { password } = await post(`${this.path}/password`);
      this.#take({ ...this.row, has_password: true });
      const shown = secret(t("admin.new_password", { login }), [[t("admin.password"), password]]);
      arrange(this.once, [shown]);
      shown.focus();
      shown.scrollIntoView({ block: "nearest" });
    });
  }

  /* A button that asks first when there is a question, then does `job`. */
  #deed(look, text, question, job) {
    const button = el("button", { type: "button", class: look }, text);
    button.addEventListener("click", async () => {
      tell(this.box, "");
      if (question && !(await ask(question))) return;
      await attempt(button, this.box, job);
    });
    return button;
  }
}
