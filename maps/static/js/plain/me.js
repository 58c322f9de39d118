/* Everybody's own page: who I am, what I may do, my password, where I am signed in, tokens for my programs. */
import { get } from "../common/api.js";
import { $, el } from "../common/dom.js";
import { named, t } from "../common/texts.js";
import { enter } from "./frame.js";
import { passwordForm } from "./password.js";
import { Tokens } from "./tokens.js";
import { mark, scopeOf } from "./words.js";

const tokens = new Tokens({ sessions: $("sessions"), programs: $("programs"), make: $("make") }, async () => tokens.draw(await get("/api/me")));

function drawWho({ account, worker }) {
  const second = [account.login, worker ? t("me.worker", { code: worker.code }) : ""].filter(Boolean).join(" · ");
  $("who").replaceChildren(el("h2", { id: "login" }, account.name), el("p", { class: "second" }, second));
}

function drawRights({ roles, permissions }) {
  const held = roles.map((role) => el("li", {}, el("b", {}, named(role)), el("span", { class: "second" }, scopeOf(role))));
  $("roles").replaceChildren(roles.length ? el("ul", { class: "pairs" }, ...held) : el("p", { class: "second" }, t("me.no_roles")));
  const may = permissions.map((code) => el("li", {}, mark("done"), t(`permission.${code}`)));
  $("permissions").replaceChildren(may.length ? el("ul", { class: "ticks" }, ...may) : el("p", { class: "second" }, t("me.no_permissions")));
}

enter(null, (me) => {
  drawWho(me);
  drawRights(me);
  $("password").replaceChildren(passwordForm(me.account.login, () => tokens.renew()));
  tokens.draw(me);
});
