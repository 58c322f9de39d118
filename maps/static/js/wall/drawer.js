/* The drawer: one thing at a time beside the map; Escape closes it and focus goes back to where it was. */
import { $, el, show } from "../common/dom.js";
import { t } from "../common/texts.js";

export class Drawer {
  /* `first()` is asked on Escape: true when there was something smaller to close. */
  constructor(closed, first) {
    this.box = $("drawer");
    this.closed = closed;
    this.subject = null; // {kind, id …}: what is shown
    document.addEventListener("keydown", (event) => event.key === "Escape" && !first() && this.close());
  }

  /* Show `subject`; `draw(body)` fills it and may be called again by `redraw`. */
  open(subject, title, sign, draw) {
    if (!this.subject) this.from = document.activeElement;
    this.subject = subject;
    const heading = el("h2", { id: "drawer-title" }, title);
    const close = el("button", { class: "close", "aria-label": t("word.close_panel"), onclick: () => this.close() }, "×");
    this.body = el("div", { class: "drawer-body" });
    this.box.setAttribute("aria-labelledby", "drawer-title");
    this.box.replaceChildren(el("header", {}, sign ?? "", heading, close), this.body);
    this.draw = draw;
    draw(this.body);
    show(this.box, true);
    document.body.classList.add("with-drawer");
    this.box.focus({ preventScroll: true });
  }

  redraw() {
    if (this.subject) this.draw(this.body);
  }

  shows(kind, id) {
    return this.subject?.kind === kind && (id === undefined || this.subject.id === id);
  }

  close() {
    if (!this.subject) return;
    this.subject = null;
    show(this.box, false);
    this.box.replaceChildren();
    document.body.classList.remove("with-drawer");
    this.from?.focus?.();
    this.closed();
  }
}
