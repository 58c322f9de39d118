/* Changing one's own password. */
import { post } from "../common/api.js";
import { el } from "../common/dom.js";
import { t } from "../common/texts.js";
import { field, form, input, tell } from "./form.js";

export function passwordForm(login, changed) {
  const current = input({ type: "password", autocomplete: "current-password", required: true, maxlength: 200 });
  const fresh = input({ type: "password", autocomplete: "new-password", required: true, maxlength: 200 });
  const reveal = el("input", { type: "checkbox", onchange: () => (current.type = fresh.type = reveal.checked ? "text" : "password") });
  const good = el("p", { class: "good", role: "status", hidden: true });
  const whose = input({ autocomplete: "username", value: login, readonly: true, tabindex: -1, class: "unseen", "aria-hidden": "true" }); // for the browser's own keeping of passwords
  const parts = [whose, field(t("me.current"), current), field(t("me.new"), fresh, t("me.password_hint")), el("label", { class: "tick" }, reveal, t("me.show")), good];
  const made = form(parts, el("button", { class: "button main" }, t("me.change")), async () => {
    tell(good, "");
    await post("/api/me/password", { current: current.value, new: fresh.value });
    made.reset();
    current.type = fresh.type = "password";
    tell(good, t("me.changed"));
    changed();
  });
  return made;
}
