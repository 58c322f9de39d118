/* Judging what came of it: solved or not, one to five stars, words. What happens then is said before it is sent. */
import { NoNetwork } from "../common/api.js";
import { $, el, say, show } from "../common/dom.js";
import { t } from "../common/texts.js";
import { when } from "../common/time.js";

const STARS = [1, 2, 3, 4, 5];
const CONTENT_FROM = 3;
const star = () => $("star").content.cloneNode(true);

const shownStars = (n) =>
  el("p", { class: "stars given", role: "img", "aria-label": t("receipt.stars_given", { n }) }, ...STARS.map((one) => el("span", { class: one <= n ? "lit" : null }, star())));

function option(group, value, label, ...inside) {
  const input = el("input", { type: "radio", name: group, value, class: "unseen", id: `${group}-${value}` });
  return [input, el("label", { for: `${group}-${value}`, title: label }, ...inside, el("span", { class: inside.length ? "unseen" : null }, label))];
}

const given = ({ evaluation, status, evaluated }, thanks) =>
  el(
    "section",
    { class: "card judged", "aria-labelledby": "judged" },
    el("h2", { id: "judged" }, t(thanks ? "receipt.thanks" : "receipt.you_said")),
    shownStars(evaluation.stars),
    el("p", {}, t(evaluation.solved ? "receipt.solved" : "receipt.not_solved"), " · ", el("span", { class: "second" }, when(evaluation.at))),
    evaluation.words ? el("blockquote", {}, evaluation.words) : null,
    evaluated || status === "closed" ? null : el("p", { class: "then" }, t("receipt.being_done_again")),
  );

function form(send) {
  const chosen = { solved: null, stars: null };
  const words = el("textarea", { id: "words", rows: 3, maxlength: 1000, "aria-describedby": "read-by" });
  const verdict = el("p", { class: "verdict second", "aria-live": "polite" }, "");
  const then = el("p", { class: "then", "aria-live": "polite" });
  const wrong = el("p", { class: "problem", role: "alert", hidden: true });
  const button = el("button", { class: "big", id: "send", disabled: true }, t("receipt.send"));
  const lit = el("fieldset", { class: "stars" }, el("legend", {}, t("receipt.how_content")), ...STARS.flatMap((n) => option("stars", n, t(`receipt.star.${n}`), star())));
  const solved = el(
    "fieldset",
    { class: "solved" },
    el("legend", {}, t("receipt.is_it_solved")),
    ...option("solved", "yes", t("receipt.yes_solved")),
    ...option("solved", "no", t("receipt.no_not_solved")),
  );
  const drawn = el("form", { class: "card judge", "aria-labelledby": "judge", novalidate: true }, el("h2", { id: "judge" }, t("receipt.judge")), solved, lit, verdict);
  drawn.append(el("label", { for: "words" }, t("receipt.words")), words, el("p", { class: "hint", id: "read-by" }, t("receipt.read_by")), then, wrong, button);
  drawn.addEventListener("change", (event) => {
    if (event.target.name === "solved") chosen.solved = event.target.value === "yes";
    if (event.target.name === "stars") chosen.stars = Number(event.target.value);
    for (const label of lit.querySelectorAll("label")) label.classList.toggle("lit", Number(label.htmlFor.split("-")[1]) <= (chosen.stars ?? 0));
    if (chosen.stars) say(verdict, t(`receipt.star.${chosen.stars}`));
    const ready = chosen.solved !== null && chosen.stars !== null;
    button.disabled = !ready;
    if (ready) say(then, t(chosen.solved && chosen.stars >= CONTENT_FROM ? "receipt.then_done" : "receipt.then_again"));
    then.classList.toggle("again", ready && !(chosen.solved && chosen.stars >= CONTENT_FROM));
  });
  drawn.addEventListener("submit", (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    show(wrong, false);
    send({ ...chosen, words: words.value.trim() || null }).catch((problem) => {
      button.disabled = false;
      say(wrong, problem instanceof NoNetwork ? t("receipt.offline") : problem.message);
      show(wrong, true);
    });
  });
  return drawn;
}

export const judgeCard = (found, send, thanks) => (found.may_judge ? form(send) : given(found, thanks));
