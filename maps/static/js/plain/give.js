/* Giving a role: which one, what it brings, where it counts. */
import { arrange, el, show } from "../common/dom.js";
import { named, t } from "../common/texts.js";
import { AreaPicker } from "./area.js";
import { field, form } from "./form.js";
import { brings, groups } from "./roles.js";

/* `give(body, role)` sends it; `places` says whether areas may be searched. */
export function giveForm({ roles, layers, places, give }) {
  const options = groups(roles.filter((role) => !role.administrator)).map((group) => el("optgroup", { label: group.title }, ...group.roles.map((role) => el("option", { value: role.code }, named(role)))));
  const pick = el("select", { required: true }, el("option", { value: "" }, t("admin.choose_role")), ...options);
  const area = new AreaPicker();
  const layer = el("select", {}, el("option", { value: "" }, t("admin.all_layers")), ...layers.map((one) => el("option", { value: one.code }, named(one))));
  const about = el("div", { class: "about-role" });
  const where = el("div", { class: "where" }, places ? area.node : "", layers.length ? field(t("admin.layer"), layer) : "");
  const chosen = () => roles.find((role) => role.code === pick.value);

  function draw() {
    const role = chosen();
    arrange(about, role ? [el("h4", {}, t("admin.brings")), brings(role)] : []);
    show(where, Boolean(role));
  }
  pick.addEventListener("change", draw);
  draw();

  return form([field(t("admin.role"), pick), about, where], el("button", { class: "button main" }, t("admin.give_it")), async () => {
    const role = chosen();
    await give({ role: role.code, area_code: area.code, layer: layer.value || null }, role);
  });
}
