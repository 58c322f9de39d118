/* The page of a receipt: a code is typed here and sent in a body, never in an address; it is kept in this page alone. */
import { NoNetwork, post } from "../common/api.js";
import { $, el, say, show } from "../common/dom.js";
import { t, town } from "../common/texts.js";
import { setClock } from "../common/time.js";
import { judgeCard } from "./judge.js";
import { matterCard, stepsCard } from "./matter.js";

const LENGTH = 12;
const GROUP = 4;
let code = "";

/* Write a code as it is printed, in groups of four; the caret stays behind the same letter. */
function grouped(input) {
  const bare = (text) => text.normalize("NFKC").toUpperCase().replace(/[^A-Z0-9]/g, "");
  const before = bare(input.value.slice(0, input.selectionStart)).length;
  const groups = bare(input.value).slice(0, LENGTH).match(new RegExp(`.{1,${GROUP}}`, "g")) ?? [];
  input.value = groups.join("-");
  const at = Math.min(before + Math.floor(Math.max(0, before - 1) / GROUP), input.value.length);
  input.setSelectionRange(at, at);
}

function refuse(problem) {
  const offline = problem instanceof NoNetwork;
  const minutes = Math.ceil((problem.facts?.retry_after ?? 0) / 60);
  const throttled = problem.status === 429 && minutes > 0;
  say($("wrong"), offline ? t("receipt.offline") : throttled ? t("receipt.throttled", { n: minutes }) : problem.message);
  show($("wrong"), true);
}

async function asking(button, work) {
  button.disabled = true;
  try {
    return await work();
  } finally {
    button.disabled = false;
  }
}

function again() {
  code = "";
  show($("shown"), false);
  show($("ask"), true);
  $("shown").replaceChildren();
  $("code").value = "";
  $("code").focus();
}

async function judged(said) {
  draw(await post("/api/receipts/evaluate", { code, ...said }), true);
}

function draw(found, thanks = false) {
  setClock(found.now, town.zone);
  show($("ask"), false);
  show($("wrong"), false);
  const refresh = el("button", { class: "plain", type: "button", id: "refresh" }, t("receipt.refresh"));
  refresh.addEventListener("click", () => asking(refresh, look).catch(() => again()));
  const other = el("button", { class: "plain", type: "button", id: "another", onclick: again }, t("receipt.another"));
  $("shown").replaceChildren(
    matterCard(found),
    ...(found.may_judge || found.evaluation ? [judgeCard(found, judged, thanks)] : []),
    stepsCard(found),
    el("p", { class: "ends" }, refresh, other),
  );
  show($("shown"), true);
  say($("said"), t("receipt.found", { status: t(`receipt.status.${found.status}`) }));
}

async function look() {
  draw(await post("/api/receipts/look", { code }));
}

$("code").addEventListener("input", () => {
  show($("wrong"), false);
  grouped($("code"));
});

$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  code = $("code").value;
  if (code.replace(/-/g, "").length < LENGTH) {
    say($("wrong"), t("receipt.too_short"));
    show($("wrong"), true);
    $("code").focus();
    return;
  }
  asking($("look"), look).then(() => $("shown").focus(), refuse);
});
