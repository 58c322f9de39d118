/* Fields, and what a press on a button does: busy while it runs, and in words when it is refused. */
import { NoNetwork } from "../common/api.js";
import { el, say, show } from "../common/dom.js";
import { t } from "../common/texts.js";
import { leave } from "./frame.js";

let fields = 0;

/* A label over its input, with a hint below. */
export function field(label, input, hint) {
  input.id ||= `field-${(fields += 1)}`;
  if (!hint) return el("p", { class: "field" }, el("label", { for: input.id }, label), input);
  input.setAttribute("aria-describedby", `${input.id}-hint`);
  return el("p", { class: "field" }, el("label", { for: input.id }, label), input, el("span", { class: "hint", id: `${input.id}-hint` }, hint));
}

export const input = (props) => el("input", { autocapitalize: "none", spellcheck: "false", autocomplete: "off", ...props });

/* Where a form says what went wrong. */
export const trouble = () => el("p", { class: "problem", role: "alert", hidden: true });

export function tell(box, text) {
  say(box, text);
  show(box, Boolean(text));
}

export function why(problem) {
  if (problem instanceof NoNetwork) return t("plain.no_network");
  if (problem.title) return problem.title;
  if (!problem.code) console.error(problem);
  return t("plain.refused", { code: problem.code ?? "script" });
}

/* Run `job` once at a time; what refuses it is told in `box`. A sign-in that ended leads to the sign-in page. */
export async function attempt(button, box, job) {
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  tell(box, "");
  try {
    await job();
  } catch (problem) {
    if (problem.status === 401) leave();
    tell(box, why(problem));
  } finally {
    button.ariaBusy = null;
  }
}

/* A form whose button runs `job`. */
export function form(parts, button, job) {
  const box = trouble();
  const made = el("form", { class: "form" }, ...parts, box, button);
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(button, box, job);
  });
  return made;
}
