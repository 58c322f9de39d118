/* The sheet from below: why a task is declined, or what was done. One question, one button. */
import { $, el } from "../common/dom.js";
import { t } from "../common/texts.js";

const LONGEST = 500; // letters of a note

function ask(title, choices, note, done) {
  const sheet = $("sheet");
  const text = el("textarea", { id: "sheet-note", rows: 3, maxlength: LONGEST });
  const options = choices.map(([value, name], place) =>
    el("label", {}, el("input", { type: "radio", name: "choice", value, checked: place === 0 }), el("span", {}, name)));
  const send = () => {
    const choice = sheet.querySelector("input:checked")?.value ?? null;
    sheet.close();
    done(choice, text.value.trim());
  };
  const form = el(
    "form",
    { method: "dialog", onsubmit: (event) => (event.preventDefault(), send()) },
    el("h2", { id: "sheet-title" }, title),
    ...(options.length ? [el("fieldset", {}, ...options)] : []),
    el("label", { for: "sheet-note", class: "second" }, note),
    text,
    el("button", { class: "big" }, t("word.send")),
    el("button", { class: "big quiet", type: "button", onclick: () => sheet.close() }, t("word.cancel")),
  );
  sheet.setAttribute("aria-labelledby", "sheet-title");
  sheet.replaceChildren(form);
  sheet.showModal();
}

const REASONS = ["too_far", "busy", "not_mine", "unsafe", "other"];

export function askDecline(done) {
  ask(t("work.why_decline"), REASONS.map((code) => [code, t(`decline.${code}`)]), t("work.note"), (reason, note) => done(note ? { reason, note } : { reason }));
}

export function askFinish(done) {
  ask(t("work.finish"), [], t("work.what_done"), (_, note) => done(note ? { result: "done", note } : { result: "done" }));
}

export function askFailed(done) {
  ask(t("work.cannot"), [], t("work.what_wrong"), (_, note) => done(note ? { result: "failed", note } : { result: "failed" }));
}
