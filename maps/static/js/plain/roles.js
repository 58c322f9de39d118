/* The roles of the town and what each brings. */
import { el } from "../common/dom.js";
import { named, t } from "../common/texts.js";

export function brings(role) {
  const names = role.permissions.map((permission) => el("li", {}, named(permission)));
  return names.length ? el("ul", { class: "rights-list" }, ...names) : el("p", { class: "second" }, t("admin.brings_none"));
}

/* First the working roles, then the administrators. */
export function groups(roles) {
  const named_as = [["admin.ordinary", false], ["admin.administrators", true]];
  return named_as.map(([title, administrator]) => ({ title: t(title), roles: roles.filter((role) => role.administrator === administrator) })).filter((group) => group.roles.length);
}

export function overview(roles) {
  return groups(roles).flatMap((group) => [el("h3", {}, group.title), el("dl", { class: "overview" }, ...group.roles.map((role) => el("div", {}, el("dt", {}, named(role)), el("dd", {}, brings(role)))))]);
}
