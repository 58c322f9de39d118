/* The page's language: texts by key, with {name} places filled in. */
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const texts = read("texts");

export const town = read("town");
export const lang = town.lang;

export function has(key) {
  return Object.hasOwn(texts, key);
}

export function t(key, facts = {}) {
  const text = texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (all, name) => (name in facts ? String(facts[name]) : all));
}

/* The text of a code, or the code itself where the town uses one we have no words for. */
export function word(group, code) {
  return has(`${group}.${code}`) ? t(`${group}.${code}`) : String(code ?? "");
}

export function named(thing) {
  if (!thing) return "";
  return (lang === "en" && thing.name_en) || thing.name || thing.code || "";
}

const lists = new Intl.ListFormat(lang === "en" ? "en-GB" : "zh-CN", { type: "conjunction" });
export const listed = (names) => lists.format(names);

export function distance(metres) {
  if (metres < 1000) return t("word.metres", { n: Math.round(metres / 10) * 10 || Math.round(metres) });
  return t("word.km", { n: (metres / 1000).toFixed(metres < 9950 ? 1 : 0) });
}
