/* The sheet from below: why a task is declined, or what was done. One question, one button. */
import { $, el, say, show } from "../common/dom.js";
import { t } from "../common/texts.js";
import { fromInput, now, toInput } from "../common/time.js";

const LONGEST = 500; // letters of a note

function open(title, ...parts) {
  const sheet = $("sheet");
  sheet.setAttribute("aria-labelledby", "sheet-title");
  sheet.replaceChildren(el("form", { method: "dialog" }, el("h2", { id: "sheet-title" }, title), ...parts));
  sheet.showModal();
  return sheet;
}

const cancel = () => el("button", { class: "big quiet", type: "button", onclick: () => $("sheet").close() }, t("word.cancel"));

function noteField(title) {
  const text = el("textarea", { id: "sheet-note", rows: 3, maxlength: LONGEST });
  return { text, nodes: [el("label", { for: "sheet-note", class: "second" }, title), text] };
}

/* Put a button under the question; `send` may refuse by returning what is missing. */
function ask(title, parts, send) {
  const trouble = el("p", { class: "problem", role: "alert", hidden: true });
  const sheet = open(title, ...parts, trouble, el("button", { class: "big" }, t("word.send")), cancel());
  sheet.firstChild.addEventListener("submit", (event) => {
    event.preventDefault();
    const missing = send();
    if (!missing) return sheet.close();
    say(trouble, missing);
    return show(trouble, true);
  });
}

function askNote(title, choices, note, done) {
  const { text, nodes } = noteField(note);
  const inputs = choices.map(([value], place) => el("input", { type: "radio", name: "choice", value, checked: place === 0 }));
  const options = choices.map(([, name], place) => el("label", {}, inputs[place], el("span", {}, name)));
  const parts = [...(options.length ? [el("fieldset", {}, ...options)] : []), ...nodes];
  ask(title, parts, () => done(inputs.find((input) => input.checked)?.value ?? null, text.value.trim()));
}

/* A reason in words, which must be given; a chip writes what is said most often. */
function askReason(move, before, done) {
  const { text, nodes } = noteField(t("work.reason"));
  const quick = t(`work.quick_${move}`).split("|");
  const chips = quick.map((said) => el("button", { type: "button", class: "quick", onclick: () => (text.value = said) }, said));
  const parts = [...before, ...nodes, el("div", { class: "chips" }, ...chips)];
  ask(t(`work.why_${move}`), parts, () => (text.value.trim() ? done(text.value.trim()) : t("work.reason_missing")));
}

const REASONS = ["too_far", "busy", "not_mine", "unsafe", "other"];

export function askDecline(done) {
  askNote(t("work.why_decline"), REASONS.map((code) => [code, t(`decline.${code}`)]), t("work.note"), (reason, note) => done(note ? { reason, note } : { reason }));
}

export function askFinish(done) {
  askNote(t("work.finish"), [], t("work.what_done"), (_, note) => done(note ? { result: "done", note } : { result: "done" }));
}

export function askFailed(done) {
  askNote(t("work.cannot"), [], t("work.what_wrong"), (_, note) => done(note ? { result: "failed", note } : { result: "failed" }));
}

export const askReturn = (done) => askReason("return", [], (reason) => done({ reason }));

export const askAwait = (done) => askReason("await", [], (reason) => done({ note: reason }));

export const askWhistle = (done) => askReason("whistle", [], (reason) => done({ reason }));

const STEPS = [1, 2, 24]; // hours
const HOUR = 3600000; // ms

export function askExtension(deadline, done) {
  const from = Math.max(Date.parse(deadline), now());
  const until = el("input", { id: "sheet-until", type: "datetime-local", value: toInput(from + HOUR) });
  const name = (hours) => (hours < 24 ? t("time.plus_hours", { n: hours }) : t("time.plus_days", { n: hours / 24 }));
  const chips = STEPS.map((hours) => el("button", { type: "button", class: "quick", onclick: () => (until.value = toInput(from + hours * HOUR)) }, name(hours)));
  const before = [el("label", { for: "sheet-until", class: "second" }, t("work.until")), until, el("div", { class: "chips" }, ...chips)];
  askReason("extension", before, (reason) => {
    const ms = fromInput(until.value);
    if (!(ms > from)) return t("work.until_missing");
    return done({ until: new Date(ms).toISOString(), reason });
  });
}

/* What else can be done with a task, each with a line on what it is for. */
export function askMore(moves, pick) {
  const button = (move) =>
    el("button", { class: "other-act", type: "button", onclick: () => ($("sheet").close(), pick(move)) }, el("b", {}, t(`work.${move}`)), el("span", { class: "second" }, t(`work.${move}_say`)));
  open(t("work.more"), ...moves.map(button), cancel());
}
