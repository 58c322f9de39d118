/* The chain of the audit: how long it is, its last fingerprint, and what verifying it says. */
import { post } from "../common/api.js";
import { arrange, el } from "../common/dom.js";
import { t, word } from "../common/texts.js";
import { attempt, trouble } from "./form.js";
import { copyButton } from "./secret.js";
import { mark } from "./words.js";

const MOST = 50; // faults listed one by one

export class Chain {
  constructor({ count, head, verdict }) {
    Object.assign(this, { count, head, verdict });
    this.hash = el("code", {}, "–");
    this.box = trouble();
    this.button = el("button", { class: "button main" }, t("audit.verify"));
    this.button.addEventListener("click", () => this.#verify());
    const hash = el("div", { class: "hash" }, el("p", { class: "second" }, t("audit.head")), this.hash, copyButton(this.hash));
    arrange(head, [hash, el("p", { class: "keep" }, t("audit.keep")), this.button, this.box]);
  }

  draw({ rows, hash }) {
    this.count.textContent = t("audit.count", { n: rows.toLocaleString("en") });
    this.hash.textContent = hash;
  }

  #verify() {
    arrange(this.verdict, [el("p", { class: "second" }, t("audit.verifying"))]);
    return attempt(this.button, this.box, async () => {
      arrange(this.verdict, this.#say(await post("/api/audit/verify")));
    }).finally(() => this.box.hidden || arrange(this.verdict, []));
  }

  #say({ whole, rows, hash, faults }) {
    if (whole) {
      this.draw({ rows, hash });
      return [el("p", { class: "whole" }, mark("done"), t("audit.whole", { n: rows.toLocaleString("en") })), el("p", { class: "second" }, t("audit.same"))];
    }
    const lines = faults.slice(0, MOST).map(({ id, fault }) => el("li", {}, el("b", {}, t("audit.row", { n: id })), " ", word("fault", fault)));
    const rest = faults.length - lines.length;
    const more = rest > 0 ? [el("p", { class: "second" }, t("word.and_more", { n: rest }))] : [];
    return [el("p", { class: "broken" }, mark("failed"), t("audit.broken", { n: faults.length })), el("ul", { class: "faults" }, ...lines), ...more, el("p", {}, t("audit.broken_do"))];
  }
}
