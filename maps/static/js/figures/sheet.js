/* One thing over the page, from the right: the cases behind a number, or what a figure means. Escape closes it. */
import { el } from "../common/dom.js";
import { t } from "../common/texts.js";

export function sheet(title, about, body) {
  const close = el("button", { class: "close", "aria-label": t("word.close_panel"), value: "" }, "×");
  const head = el("header", {}, el("div", {}, el("h2", { id: "sheet-title" }, title), about ? el("p", { class: "second" }, about) : ""), el("form", { method: "dialog" }, close));
  const box = el("dialog", { class: "sheet", "aria-labelledby": "sheet-title" }, head, body);
  box.addEventListener("click", (event) => event.target === box && box.close());
  box.addEventListener("close", () => box.remove());
  document.querySelector("dialog.sheet")?.close();
  document.body.append(box);
  box.showModal();
  return box;
}
