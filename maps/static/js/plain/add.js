/* Adding an account: login, name, perhaps a worker; the password that comes back is shown once. */
import { post } from "../common/api.js";
import { arrange, el } from "../common/dom.js";
import { t } from "../common/texts.js";
import { field, form, input } from "./form.js";
import { secret } from "./secret.js";

/* `added(login)` is told at once, `open(id, login)` when the password has been kept. */
export function newAccount({ mayAssign, added, open }) {
  const login = input({ required: true, maxlength: 64 });
  const name = input({ required: true, maxlength: 100, autocapitalize: "words" });
  const worker = input({ maxlength: 64 });
  const parts = [field(t("admin.login"), login, t("admin.login_hint")), field(t("admin.name"), name), field(t("admin.worker_code"), worker, t("admin.worker_hint"))];
  const box = el("div", { class: "new" });
  const made = form([...parts, mayAssign ? "" : el("p", { class: "second" }, t("admin.roles_elsewhere"))], el("button", { class: "button main" }, t("admin.add_it")), async () => {
    const code = worker.value.trim();
    const answer = await post("/api/accounts", { login: login.value.trim().toLowerCase(), name: name.value.trim(), ...(code ? { worker_code: code } : {}) });
    const lines = [[t("admin.login"), answer.login], [t("admin.password"), answer.password]];
    const shown = secret(t("admin.added", { login: answer.login }), lines, () => open(answer.id, answer.login));
    arrange(box, [shown]);
    shown.focus();
    await added(answer.login);
  });
  arrange(box, [made]);
  return box;
}
