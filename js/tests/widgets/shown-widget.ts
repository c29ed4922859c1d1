// A widget of a document as a page shows it, beside a kernel of the test's.
import { initialize } from "../../src";
import { FakeModel } from "../fake-model";

export interface ShownWidget {
  model: FakeModel;
  el: HTMLElement;
  stop: AbortController;
  /** The widget's buttons by their words. */
  button(words: string): HTMLButtonElement | undefined;
}

/** Show a document of somebody who may write, unless `traits` say otherwise. */
export async function shownWidget(kind: string, traits: Record<string, unknown>): Promise<ShownWidget> {
  const model = new FakeModel({ title: "Title", save_state: "saved", access: "RW_User", ...traits });
  const stop = new AbortController();
  const el = document.createElement("div");
  document.body.append(el);
  (await initialize(kind, { model, signal: stop.signal })).render({ el, signal: stop.signal });
  stop.signal.addEventListener("abort", () => el.remove());
  const button = (words: string) =>
    [...el.querySelectorAll("button")].find((each) => each.textContent?.trim() === words);
  return { model, el, stop, button };
}
