// The sentence about how a document is shared, where that is not what the notebook asks for.

import { followTraits, type Model, textOf } from "../jupyter/widget";
import { h, setText, symbol } from "../ui/dom";

export function noticeBox(model: Model, signal: AbortSignal): HTMLElement {
  const words = h("span", { role: "status", "aria-live": "polite" });
  const box = h("div", { class: "tnb-sharing", hidden: true }, symbol("ℹ"), words);
  followTraits(model, ["notice"], signal, () => {
    const notice = textOf(model, "notice");
    setText(words, notice);
    box.hidden = !notice;
  });
  return box;
}
