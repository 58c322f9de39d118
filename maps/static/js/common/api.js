/* Calls to this server: JSON in and out, refusals as Problem. */
import { lang } from "./texts.js";

export class Problem extends Error {
  constructor(status, code, title, facts = {}) {
    super(title || code);
    Object.assign(this, { status, code, title, facts });
  }
}

export class NoNetwork extends Error {}

export async function call(method, path, body, headers = {}) {
  const init = { method, headers: { Accept: "application/json", "Accept-Language": lang, ...headers }, cache: "no-store" };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers["Content-Type"] = "application/json";
  }
  let answer;
  try {
    answer = await fetch(path, init);
  } catch {
    throw new NoNetwork();
  }
  if (answer.status === 204) return null;
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, said.code ?? `http_${answer.status}`, said.title, said);
  return said;
}

export const get = (path) => call("GET", path);
export const post = (path, body, headers) => call("POST", path, body, headers);

/* A key under which an act is done at most once. randomUUID exists only on secure pages; a command centre's own network often is plain http. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
