/* Where a person is signed in, and the tokens of the person's programs: end one, make one. */
import { call, post } from "../common/api.js";
import { $, arrange, el } from "../common/dom.js";
import { t } from "../common/texts.js";
import { day } from "../common/time.js";
import { ask } from "./ask.js";
import { attempt, field, form, input, trouble } from "./form.js";
import { secret } from "./secret.js";
import { badge, moment } from "./words.js";

const DAYS = 90;

const used = ({ used_at: at }) => (at ? t("me.used", { time: moment(at) }) : t("me.unused"));

export class Tokens {
  /* `renew` reads the tokens anew and draws them. */
  constructor(boxes, renew) {
    Object.assign(this, { boxes, renew });
    this.box = trouble();
  }

  draw({ tokens, permissions }) {
    const newest = [...tokens].sort((a, b) => b.current - a.current || Date.parse(b.used_at ?? b.created_at) - Date.parse(a.used_at ?? a.created_at));
    const sessions = newest.filter((token) => token.kind === "session").map((token) => this.#session(token));
    const programs = newest.filter((token) => token.kind === "program").map((token) => this.#program(token));
    this.boxes.sessions.replaceChildren(el("ul", { class: "tokens" }, ...sessions), this.box);
    this.boxes.programs.replaceChildren(programs.length ? el("ul", { class: "tokens" }, ...programs) : el("p", { class: "second" }, t("me.no_programs")));
    this.permissions = permissions;
    if (permissions.length && !this.boxes.make.childElementCount) this.#offer();
  }

  #session(token) {
    const name = el("b", {}, token.label || t("me.session"), token.current ? badge("here", t("me.here")) : "");
    const times = [t("me.since", { time: moment(token.created_at) }), used(token), t("me.until", { time: day(token.expires_at) })];
    if (token.current) return row(name, [times.join(" · ")], el("button", { class: "button", form: "leave" }, t("me.end_here")));
    const question = { title: t("me.end_ask"), text: t("me.end_say"), yes: t("me.end") };
    return row(name, [times.join(" · ")], this.#ender(token, t("me.end"), question));
  }

  #program(token) {
    const label = token.label || t("me.token");
    const times = [t("me.made", { time: moment(token.created_at) }), used(token), t("me.until", { time: day(token.expires_at) })];
    const may = token.permissions ? token.permissions.map((code) => t(`permission.${code}`)).join(" · ") : t("me.all_rights");
    const question = { title: t("me.revoke_ask", { label }), text: t("me.revoke_say"), yes: t("me.revoke") };
    return row(el("b", {}, label, token.current ? badge("here", t("me.here")) : ""), [times.join(" · "), may], this.#ender(token, t("me.revoke"), question));
  }

  #ender(token, text, question) {
    const button = el("button", { class: "button" }, text);
    button.addEventListener("click", async () => {
      if (!(await ask(question))) return;
      await attempt(button, this.box, async () => {
        await call("DELETE", `/api/me/tokens/${encodeURIComponent(token.id)}`);
        await this.renew();
      });
    });
    return button;
  }

  #offer() {
    const open = el("button", { class: "button", onclick: () => arrange(this.boxes.make, [this.#form()]) || $("token-label").focus() }, t("me.make"));
    arrange(this.boxes.make, [open]);
  }

  #form() {
    const label = input({ id: "token-label", required: true, maxlength: 100 });
    const days = input({ type: "number", min: 1, max: 3650, value: DAYS, required: true, inputmode: "numeric" });
    const ticks = this.permissions.map((code) => el("label", { class: "tick" }, el("input", { type: "checkbox", value: code }), t(`permission.${code}`)));
    const rights = el("fieldset", { class: "rights" }, el("legend", {}, t("me.rights")), ...ticks);
    const first = rights.querySelector("input");
    const chosen = () => [...rights.querySelectorAll("input:checked")].map((tick) => tick.value);
    const check = () => first.setCustomValidity(chosen().length ? "" : t("me.choose_right"));
    rights.addEventListener("change", check);
    check();
    const buttons = [field(t("me.label"), label, t("me.label_hint")), field(t("me.days"), days), rights];
    const made = form(buttons, el("button", { class: "button main" }, t("me.make")), async () => {
      const { token, expires_at: until } = await post("/api/me/tokens", { label: label.value.trim(), days: Number(days.value), permissions: chosen() });
      await this.renew();
      const lines = [[t("me.until", { time: day(until) }), token]];
      const shown = secret(t("me.token_made", { label: label.value.trim() }), lines, () => this.#offer());
      arrange(this.boxes.make, [shown]);
      shown.focus();
    });
    return made;
  }
}

function row(name, second, button) {
  return el("li", {}, el("div", {}, name, ...second.map((text) => el("span", { class: "second" }, text))), button);
}
