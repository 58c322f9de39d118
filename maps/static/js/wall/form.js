/* One act's form in the drawer: its fields, what changed meanwhile, what was refused, and the buttons. Nothing that was typed is lost. */
import { arrange, el, say, show } from "../common/dom.js";
import { t } from "../common/texts.js";
import { FORMS } from "./forms.js";

export class ActForm {
  /* `given` = {row, store, more}; `on` = {send(body, seen), cancel(), again()}; `standing`: it is not opened and closed, it belongs there. */
  constructor(act, given, on, standing = false) {
    Object.assign(this, { act, on, standing, seen: given.row.revision, blocked: false });
    this.parts = FORMS[act](given);
    this.news = el("div", { class: "news", role: "alert", hidden: true });
    this.trouble = el("p", { class: "problem", role: "alert", hidden: true });
    this.button = el("button", { class: "big", type: "submit" }, t(`act.${act}`));
    this.buttons = el("div", { class: "act-buttons" });
    const title = el("h3", { tabindex: -1 }, t(`act.${act}`));
    const about = t(`about.${act}`);
    this.node = el("form", { class: "act", novalidate: true, "aria-label": t(`act.${act}`) }, title, ...(standing ? [] : [el("p", { class: "second" }, about)]));
    if (standing) title.hidden = true;
    this.node.append(...this.parts.map(({ node }) => node), this.news, this.trouble, this.buttons);
    this.node.addEventListener("submit", (event) => (event.preventDefault(), this.#submit()));
    this.node.addEventListener("keydown", (event) => event.key === "Escape" && !standing && (event.stopPropagation(), on.cancel()));
    this.#usual();
  }

  /* Put the focus where the person begins. */
  focus() {
    const first = this.node.querySelector("input:not([type=hidden]), textarea, select, button");
    (this.parts.length ? first : this.node.querySelector("h3"))?.focus({ preventScroll: true });
    this.node.scrollIntoView({ block: "nearest" });
  }

  /* An incident chosen in the list may be what this form asks for. */
  picks(id) {
    this.parts.picks?.(id);
    return Boolean(this.parts.picks);
  }

  /* Say what others did since; the act then takes a second look or a word more. */
  tell(lines, revision, possible) {
    this.newest = revision;
    this.blocked = true;
    const heading = el("b", {}, t("wall.changed"));
    const list = el("ul", {}, ...lines.map(({ time, text }) => el("li", {}, el("time", {}, time), " ", text)));
    const end = possible ? "" : el("p", {}, t("wall.no_longer", { act: t(`act.${this.act}`) }));
    this.news.replaceChildren(heading, list, end);
    show(this.news, true);
    this.trouble.hidden = true;
    const again = el("button", { class: "big", type: "button", onclick: () => this.#again() }, t("wall.look_again"));
    const same = el("button", { class: "big quiet", type: "button", onclick: () => this.#allTheSame() }, t("wall.all_the_same", { act: t(`act.${this.act}`) }));
    arrange(this.buttons, possible ? [again, same] : [el("button", { class: "big quiet", type: "button", onclick: () => this.on.cancel() }, t("word.cancel"))]);
  }

  refuse(text) {
    say(this.trouble, text);
    show(this.trouble, true);
    this.#idle(true);
  }

  #usual() {
    this.blocked = false;
    const cancel = el("button", { class: "big quiet", type: "button", onclick: () => this.on.cancel() }, t("word.cancel"));
    arrange(this.buttons, this.standing ? [this.button] : [this.button, cancel]);
    this.#idle(true);
  }

  #again() {
    this.seen = this.newest;
    show(this.news, false);
    this.#usual();
    this.parts.again?.();
    this.on.again();
    this.focus();
  }

  #allTheSame() {
    this.seen = this.newest;
    this.#usual();
    this.#submit();
  }

  #submit() {
    if (this.blocked || this.button.disabled) return;
    const read = this.parts.map((part) => part.read());
    const missing = read.indexOf(null);
    this.parts.forEach(({ node }, place) => node.classList.toggle("missing", read[place] === null));
    if (missing >= 0) {
      this.refuse(t("wall.missing"));
      this.parts[missing].node.querySelector("input, textarea, select")?.focus();
      return;
    }
    show(this.trouble, false);
    this.#idle(false);
    this.on.send(Object.assign({}, ...read), this.seen);
  }

  #idle(idle) {
    this.button.disabled = !idle;
    say(this.button, t(idle ? `act.${this.act}` : "wall.closing"));
  }
}
