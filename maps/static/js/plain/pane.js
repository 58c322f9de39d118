/* What stands beside the list: on a wide screen always there, on a narrow one over it. Escape closes it. */
import { $, el } from "../common/dom.js";
import { t } from "../common/texts.js";

const NARROW = matchMedia("(max-width: 999px)");

export class Pane {
  /* `rest(pane)` draws what is shown while nothing is open. */
  constructor(box, rest) {
    Object.assign(this, { box, rest, subject: null });
    document.addEventListener("keydown", (event) => event.key === "Escape" && !document.querySelector("dialog[open], .once") && this.close()); // what is shown once goes only when told to
    NARROW.addEventListener("change", () => this.#cover());
  }

  /* Show `parts` under a title; `subject` says what is open, the overview when null. */
  show(subject, title, parts) {
    if (!this.subject) this.from = document.activeElement;
    this.subject = subject;
    const close = el("button", { class: "close", "aria-label": t("word.close_panel"), onclick: () => this.close() }, "×");
    const head = el("header", {}, el("h2", { id: "pane-title" }, title), subject ? close : "");
    this.box.replaceChildren(head, el("div", { class: "pane-body" }, ...parts));
    this.#cover();
  }

  open(subject, title, parts) {
    this.show(subject, title, parts);
    this.box.scrollTop = 0;
    this.box.focus({ preventScroll: true });
  }

  close() {
    if (!this.subject) return;
    this.subject = null;
    this.rest(this);
    this.#cover();
    if (this.from?.isConnected) this.from.focus();
    else ($("search") ?? $("add"))?.focus();
  }

  /* Over the list nothing under it can be reached. */
  #cover() {
    const covers = NARROW.matches && this.subject !== null;
    document.body.classList.toggle("with-pane", this.subject !== null);
    for (const under of document.querySelectorAll(".top, .list")) under.inert = covers;
  }
}
