// The sentence for what went wrong; users never have to open the console.

import { followTraits, type Model, textOf } from "../jupyter/widget";
import { h, setText, symbol } from "../ui/dom";

export function problemBox(model: Model, signal: AbortSignal): HTMLElement {
  const words = h("span");
  const dismiss = h(
    "button",
    { type: "button", class: "tnb-button tnb-plain", "aria-label": "Dismiss message" },
    "✕",
  );
  const box = h("div", { class: "tnb-problem", role: "alert", hidden: true }, symbol("⚠"), words, dismiss);
  dismiss.addEventListener("click", () => (box.hidden = true), { signal });
  followTraits(model, ["problem"], signal, () => {
    const problem = textOf(model, "problem");
    setText(words, problem);
    box.hidden = !problem;
  });
  return box;
}
