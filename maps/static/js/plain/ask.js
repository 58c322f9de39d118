/* A question before what cannot be taken back; true when the answer is yes. Escape and cancel mean no. */
import { el } from "../common/dom.js";
import { t } from "../common/texts.js";

export function ask({ title, text, yes }) {
  return new Promise((answered) => {
    const heading = el("h2", { id: "ask-title" }, title);
    const buttons = el("div", { class: "buttons" }, el("button", { class: "button", value: "" }, t("word.cancel")), el("button", { class: "button grave", value: "yes" }, yes));
    const sheet = el("dialog", { class: "ask", "aria-labelledby": "ask-title" }, el("form", { method: "dialog" }, heading, el("p", {}, text), buttons));
    sheet.addEventListener("close", () => {
      sheet.remove();
      answered(sheet.returnValue === "yes");
    });
    document.body.append(sheet);
    sheet.showModal();
  });
}
