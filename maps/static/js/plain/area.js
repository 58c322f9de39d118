/* Choosing an area by its name: type, take one of what is found; nothing chosen means the whole town. */
import { get } from "../common/api.js";
import { arrange, el, show } from "../common/dom.js";
import { lang, t } from "../common/texts.js";
import { field, input, why } from "./form.js";

const PAUSE = 250; // ms after the last key before a search
const MOST = 12;

const levelOf = (area) => (lang === "en" && area.level_name_en) || area.level_name || area.level;

export class AreaPicker {
  constructor() {
    this.code = null;
    this.asked = 0;
    this.search = input({ type: "search", maxlength: 100, placeholder: t("admin.area_search"), role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list" });
    this.field = field(t("admin.area"), this.search, t("admin.area_whole"));
    this.found = el("ul", { class: "found", id: `${this.search.id}-found`, role: "listbox", "aria-label": t("admin.area"), hidden: true });
    this.search.setAttribute("aria-controls", this.found.id);
    this.chosen = el("p", { class: "chosen", hidden: true });
    this.node = el("div", { class: "area" }, this.field, this.found, this.chosen);
    this.search.addEventListener("input", () => this.#later());
    this.node.addEventListener("keydown", (event) => this.#keys(event));
  }

  #later() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.#read(), PAUSE);
  }

  async #read() {
    const text = this.search.value.trim();
    const mine = (this.asked += 1);
    if (!text) return this.#list([]);
    try {
      const { items } = await get(`/api/areas?${new URLSearchParams({ search: text, limit: MOST })}`);
      if (mine === this.asked) this.#list(items.length ? items.map((area) => this.#option(area)) : [el("li", { class: "second" }, t("admin.area_none"))]);
    } catch (problem) {
      if (mine === this.asked) this.#list([el("li", { class: "problem" }, why(problem))]);
    }
    return undefined;
  }

  #list(nodes) {
    arrange(this.found, nodes);
    show(this.found, nodes.length > 0);
    this.search.setAttribute("aria-expanded", String(nodes.length > 0));
  }

  #option(area) {
    const take = () => this.#choose(area);
    return el("li", { role: "option", tabindex: -1, "aria-selected": "false", onclick: take }, el("b", {}, area.name), el("span", { class: "second" }, `${levelOf(area)} · ${area.code}`));
  }

  #choose(area) {
    this.code = area.code;
    this.search.value = "";
    this.#list([]);
    const clear = el("button", { type: "button", class: "button", onclick: () => this.#clear() }, t("admin.area_clear"));
    arrange(this.chosen, [el("b", {}, area.name), el("span", { class: "second" }, levelOf(area)), clear]);
    show(this.chosen, true);
    show(this.field, false);
    clear.focus();
  }

  #clear() {
    this.code = null;
    show(this.chosen, false);
    show(this.field, true);
    this.search.focus();
  }

  #keys(event) {
    const options = [...this.found.querySelectorAll("[role=option]")];
    const at = options.indexOf(document.activeElement);
    if (event.key === "Enter" && this.node.contains(document.activeElement) && event.target.tagName !== "BUTTON") {
      event.preventDefault(); // no form is sent from here
      (options[at] ?? options[0])?.click();
    } else if (event.key === "Escape" && !this.found.hidden) {
      event.stopPropagation();
      this.#list([]);
      this.search.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const to = at + (event.key === "ArrowDown" ? 1 : -1);
      (to < 0 ? this.search : options[Math.min(to, options.length - 1)])?.focus();
    }
  }
}
