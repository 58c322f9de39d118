/* Faults in words: of what they are, how bad, and against what. */
import { has, lang, listed, named, t, word } from "../common/texts.js";

const numbers = new Intl.NumberFormat(lang === "en" ? "en-GB" : "zh-CN", { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat(lang === "en" ? "en-GB" : "zh-CN", { maximumFractionDigits: 1 });

export const number = (n) => numbers.format(n);

/* An amount with its unit: small ones with one decimal, large ground in km². */
export function amount(n, unit) {
  if (n === null || n === undefined) return "";
  if (unit === "m2" && n >= 1e6) return t("quality.km2", { n: fine.format(n / 1e6) });
  if (unit === "m" && n >= 10000) return t("quality.km", { n: fine.format(n / 1000) });
  if (unit === "m2" || unit === "m") return t(`quality.${unit}`, { n: (n < 10 ? fine : numbers).format(n) });
  return has(`quality.n_${unit}`) ? t(`quality.n_${unit}`, { n: numbers.format(n) }) : numbers.format(n);
}

const HOUSEHOLDS = new Set(["household_in_no_grid", "household_in_other_grid", "household_off_building"]);

/* What a fault is about: an area by name, a building, a street, an address; never who lives there. */
export function whatOf(fault) {
  if (HOUSEHOLDS.has(fault.kind)) return t("quality.household");
  if (fault.kind === "building_overlap" || (fault.kind === "shape_invalid" && !fault.level)) return fault.name ?? t("quality.building", { code: fault.code });
  if (fault.kind === "street_apart") return fault.code ?? t("quality.unnamed_street");
  if (fault.name) return fault.name;
  return fault.code ?? t("quality.enclosed");
}

const other = (fault) => fault.other_name ?? fault.other;

const AGAINST = {
  overlap: (fault) => t("quality.with", { name: other(fault) }),
  sliver: (fault) => (fault.other ? t("quality.with", { name: other(fault) }) : ""),
  outside_parent: (fault) => t("quality.beyond", { name: other(fault) }),
  parent_uncovered: (fault) => t("quality.pieces", { n: fault.other }),
  shape_invalid: (fault) => word("flaw", fault.other),
  code_bad: (fault) => word("flaw", fault.other),
  household_in_other_grid: (fault) => [fault.name ?? fault.code, fault.other ? t("quality.kept_in", { name: other(fault) }) : ""].filter(Boolean).join(" · "),
  household_off_building: (fault) => t("quality.building", { code: fault.code }),
  grid_too_large: (fault) => t("quality.limit_most", { n: fault.other }),
  grid_too_small: (fault) => t("quality.limit_least", { n: fault.other }),
  building_overlap: (fault) => t("quality.with", { name: fault.other }),
};

/* The second line: the code where a name was said, how much, against what. */
export function howOf(fault) {
  const against = AGAINST[fault.kind]?.(fault) ?? "";
  const code = fault.name && fault.kind !== "household_in_other_grid" ? fault.code : "";
  return [code, amount(fault.amount, fault.unit), against].filter(Boolean).join(" · ");
}

/* What was looked at, counted. */
export const seenOf = (seen) => listed(Object.entries(seen).map(([name, n]) => `${t(`quality.seen.${name}`)} ${number(n)}`));

export const layerName = (layers, code) => named(layers.find((layer) => layer.code === code)) || code;
