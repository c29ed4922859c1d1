// What the notebook's file keeps of a live text: front ends that save the traits of widgets save what stands in them on
// the page, so that the text is written there, and sent to nobody.
import { offerText } from "../jupyter/offered-text";
import type { Model } from "../jupyter/widget";
import type { LiveText } from "./live-text";
import { Timer } from "./timer";

/** The text is put together as a whole each time. */
const DELAY = 500;

const TRAIT = "snapshot";

/** Keep the trait equal to the text, unless the kernel has none there: then it is not the notebook's own. */
export function keepText(live: LiveText, model: Model, signal: AbortSignal): void {
  const keep = () => {
    const kept = model.get(TRAIT);
    const text = live.text?.toString();
    if (typeof kept === "string" && text !== undefined && text !== kept) model.set(TRAIT, text);
  };
  const timer = new Timer(keep);
  const keepSoon = () => {
    if (!timer.isWaiting) timer.start(DELAY);
  };
  live.onReset(() => {
    live.doc.on("update", keepSoon);
    keepSoon();
  }, signal);
  offerText(model, signal, keep);
  // The kernel writes what it knows, which can be less.
  model.on(`change:${TRAIT}`, keepSoon);
  signal.addEventListener("abort", () => {
    timer.cancel();
    model.off(`change:${TRAIT}`, keepSoon);
  });
}
