/* The drawer's other contents: a grid, several incidents in one place, the people who are free. */
import { arrange, el } from "../common/dom.js";
import { personSign } from "../common/symbols.js";
import { t, word } from "../common/texts.js";
import { ago } from "../common/time.js";
import { Row } from "./list.js";

const MOST = 100;

function rowsOf(incidents, categories, open) {
  const rows = incidents.map((incident) => {
    const row = new Row(open);
    row.draw(incident, categories);
    return row.node;
  });
  return el("ol", { class: "rows" }, ...rows);
}

/* One grid: who is in it now, for who may see people, and what is open there. */
export function drawGrid(body, { grid, incidents, people, categories, open }) {
  const count = (state) => people.filter((person) => person.state === state).length;
  arrange(body, [
    el("p", { class: "second" }, grid.code),
    ...(people ? [el("p", { class: "fact" }, t("wall.grid_people", { free: count("free"), busy: count("busy") }))] : []),
    incidents.length ? rowsOf(incidents, categories, open) : el("p", { class: "second" }, t("wall.grid_nothing")),
  ]);
}

export function drawMany(body, { incidents, categories, open }) {
  arrange(body, [rowsOf(incidents, categories, open)]);
}

/* People by state, freshest fix first; a click goes to where the person is. */
export function drawPeople(body, { people, go }) {
  const sorted = [...people].sort((a, b) => Date.parse(b.fixed_at ?? 0) - Date.parse(a.fixed_at ?? 0));
  const rows = sorted.slice(0, MOST).map((person) => {
    const fix = person.fixed_at ? t("wall.fix", { t: ago(person.fixed_at) }) : t("reason.no_position");
    const second = el("span", { class: "second" }, person.kind === "person" ? `${word("role", person.role)} · ${fix}` : word("kind", person.kind));
    return el("li", {}, el("button", { class: "row one", onclick: () => go(person) }, personSign(person.state, person.kind), el("b", {}, `${person.name} ${person.code}`), second));
  });
  const rest = sorted.length - rows.length;
  arrange(body, [el("ol", { class: "rows" }, ...rows), ...(rest > 0 ? [el("p", { class: "second" }, t("word.and_more", { n: rest }))] : [])]);
}

export function drawPerson(body, { person }) {
  arrange(body, [
    el("p", { class: "fact" }, word("state", person.state)),
    el("p", {}, `${person.kind === "person" ? word("role", person.role) : word("kind", person.kind)} · ${person.code}`),
    el("p", { class: "second" }, person.kind !== "person" ? "" : person.fixed_at ? t("wall.fix", { t: ago(person.fixed_at) }) : t("reason.no_position")),
  ]);
}
