/* What every page without a map begins with: who I am, where I may go, and what to say when that cannot be read. */
import { get, NoNetwork } from "../common/api.js";
import { $, el, say, show } from "../common/dom.js";
import { t, town } from "../common/texts.js";
import { setClock } from "../common/time.js";

const LINKS = [
  ["/", "plain.to_wall", "incident.view"],
  ["/work", "plain.to_work", "task.answer"],
  ["/figures", "plain.to_figures", ["figures.view", "figures.own"]],
  ["/roster", "plain.to_roster", "worker.view"],
  ["/quality", "plain.to_quality", "ground.check"],
  ["/admin", "plain.to_admin", "account.view"],
  ["/receivers", "plain.to_receivers", "notice.manage"],
  ["/audit", "plain.to_audit", "audit.view"],
  ["/me", "plain.to_me", null],
];

/* `needed`: a permission, several of which one is enough, or none. */
const may = (permissions, needed) => !needed || [needed].flat().some((one) => permissions.includes(one));

/* Read who is asking, then `open(me)`; without the permission `needed` the page says whom to ask. */
export async function enter(needed, open) {
  show($("note"), false);
  show($("page"), true);
  say($("said"), t("plain.loading"));
  try {
    const me = await get("/api/me");
    setClock(me.now, me.time_zone);
    drawLinks(me.permissions);
    if (!may(me.permissions, needed)) return deny(needed);
    await open(me);
    $("page").removeAttribute("aria-busy");
    say($("said"), "");
  } catch (problem) {
    refuse(problem, needed, () => enter(needed, open));
  }
  return undefined;
}

function drawLinks(permissions) {
  const links = LINKS.filter(([, , needed]) => may(permissions, needed));
  $("links").replaceChildren(...links.map(([href, name]) => el("a", { href, "aria-current": href === `/${town.page}` ? "page" : null }, t(name))));
  const here = $("links").querySelector("[aria-current]");
  if (here) $("links").scrollLeft = here.offsetLeft - ($("links").clientWidth - here.offsetWidth) / 2;
}

function note(...parts) {
  $("note").replaceChildren(...parts);
  show($("note"), true);
  show($("page"), false);
}

function deny(needed) {
  note(el("h2", {}, t("plain.denied")), el("p", {}, t("plain.denied_ask", { permission: t(`permission.${[needed].flat()[0]}`) })), el("a", { class: "button main", href: "/me" }, t("plain.to_me")));
}

function refuse(problem, needed, again) {
  if (problem.status === 401) return leave();
  if (problem.status === 403 && needed) return deny(needed);
  const code = problem instanceof NoNetwork ? "no_network" : (problem.code ?? "script");
  if (code === "script") console.error(problem);
  const parts = [el("p", {}, t("plain.broken_do")), el("p", { class: "second" }, t("word.code", { code }))];
  return note(el("h2", {}, t("plain.broken")), ...parts, el("button", { class: "button main", onclick: again }, t("plain.again")));
}

export const leave = () => location.replace("/sign-in");
