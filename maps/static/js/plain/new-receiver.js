/* Adding a receiver: how it is reached, what it is told, of where; a program's key that comes back is shown once. */
import { post } from "../common/api.js";
import { arrange, el, say, show } from "../common/dom.js";
import { lang, named, t } from "../common/texts.js";
import { field, form, input } from "./form.js";
import { secret } from "./secret.js";
import { eventPicks, USUAL } from "./told.js";

const KINDS = ["wecom", "dingtalk", "feishu", "mail", "webhook"];
const WITH_SECRET = new Set(["dingtalk", "mail", "webhook"]);
const WEB = ["https", "//"].join(":"); // what an address begins with; this page itself asks nobody
const SHAPES = {
  wecom: `${WEB}qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…`,
  dingtalk: `${WEB}oapi.dingtalk.com/robot/send?access_token=…`,
  feishu: `${WEB}open.feishu.cn/open-apis/bot/v2/hook/…`,
  mail: "mailtos://user@smtp.example.cn?to=a@example.cn,b@example.cn",
  webhook: `${WEB}example.cn/hook`,
};

/* `added()` is told at once, `open(id)` when a key has been kept or there is none to keep. */
export function newReceiver({ layers, added, open }) {
  const kind = el("select", { required: true }, ...KINDS.map((code) => el("option", { value: code }, t(`via.${code}`))));
  const label = input({ required: true, maxlength: 100 });
  const address = input({ required: true, maxlength: 2000, inputmode: "url" });
  const addressField = field(t("receivers.address"), address, "–");
  const key = input({ type: "password", maxlength: 500, autocomplete: "new-password" });
  const keyField = field(t("receivers.secret"), key, "–");
  const tongue = el("select", {}, el("option", { value: "zh", selected: lang === "zh" }, "中文"), el("option", { value: "en", selected: lang === "en" }, "English"));
  const area = input({ maxlength: 64 });
  const layer = el("select", {}, el("option", { value: "" }, t("receivers.all_layers")), ...layers.map((one) => el("option", { value: one.code }, named(one))));
  const events = eventPicks(USUAL);
  const box = el("div", { class: "new" });

  function draw() {
    address.placeholder = SHAPES[kind.value];
    say(addressField.querySelector(".hint"), t(`receivers.address_${kind.value}`));
    show(keyField, WITH_SECRET.has(kind.value));
    if (WITH_SECRET.has(kind.value)) say(keyField.querySelector(".hint"), t(`receivers.secret_${kind.value}`));
    else key.value = "";
  }
  kind.addEventListener("change", draw);
  draw();

  const parts = [field(t("receivers.kind"), kind), field(t("receivers.label"), label, t("receivers.label_hint")), addressField, keyField, field(t("receivers.lang"), tongue), el("h3", {}, t("receivers.events")), events.node, field(t("receivers.area"), area, t("receivers.area_hint")), layers.length ? field(t("receivers.layer"), layer) : ""];
  const made = form(parts.filter(Boolean), el("button", { class: "button main" }, t("receivers.add_it")), async () => {
    const body = { kind: kind.value, label: label.value.trim(), address: address.value.trim(), secret: key.value || null, events: events.chosen(), lang: tongue.value, area: area.value.trim() || null, layer: layer.value || null };
    const answer = await post("/api/receivers", body);
    await added();
    if (!answer.secret) return open(answer.id);
    const shown = secret(t("receivers.added", { label: body.label }), [[t("receivers.key"), answer.secret]], () => open(answer.id));
    arrange(box, [shown]);
    shown.focus();
    return undefined;
  });
  arrange(box, [made]);
  return box;
}
