/* A password or token that is shown once: kept on the page only, never stored. */
import { $, el, say } from "../common/dom.js";
import { t } from "../common/texts.js";

/* Without https a browser lends no clipboard: then what is shown gets selected and copied the old way. */
async function copy(node) {
  try {
    await navigator.clipboard.writeText(node.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(node);
    return document.execCommand("copy");
  }
}

export function copyButton(node) {
  const button = el("button", { type: "button", class: "button" }, t("word.copy"));
  button.addEventListener("click", async () => {
    const done = await copy(node);
    say(button, t(done ? "word.copied" : "word.copy"));
    if (done) say($("said"), t("word.copied"));
  });
  return button;
}

/* `pairs` = [name, value] lines, the last one secret; `kept` runs when the person has it. */
export function secret(title, pairs, kept) {
  const lines = pairs.map(([name, value]) => {
    const code = el("code", {}, value);
    return el("div", { class: "once-line" }, el("dt", {}, name), el("dd", {}, code, copyButton(code)));
  });
  const box = el("div", { class: "once", tabindex: "-1" }, el("h3", {}, title), el("p", { class: "warn" }, t("plain.once")), el("dl", {}, ...lines));
  const done = el("button", { type: "button", class: "button", onclick: () => (box.remove(), kept?.()) }, t("plain.kept"));
  box.append(done);
  return box;
}
