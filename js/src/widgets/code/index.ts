// The live code cell: one shared text, run in the own kernel.

import { showLiveEditor } from "../../editor/live-editor";
import type { Context, Shown, View } from "../../jupyter/widget";
import { LiveSession } from "../../live/live-session";
import { OutputArea } from "../../outputs/outputs";
import { h, setText, symbol } from "../../ui/dom";
import { pythonEditor } from "./python-editor";
import { describeRun, RunSession } from "./run-session";
import css from "./style.css";

const HINT = "Python code. Shift and Enter run it. Tab indents; press Escape, then Tab, to leave the editor.";

export function code({ model, signal }: Context): Shown {
  const session = new LiveSession(model, signal);
  const runs = new RunSession(session.channel, model, signal);
  return { render: (view) => render(session, runs, view) };
}

function render(session: LiveSession, runs: RunSession, view: View): void {
  // What the user sees is what runs, whatever the kernel has received so far.
  const run = () => runs.start(session.live.text?.toString() ?? "");
  const { head, body } = showLiveEditor(session, view, {
    name: "code",
    css,
    hint: HINT,
    extensions: () => [pythonEditor(run)],
  });
  const output = new OutputArea();
  const bar = runBar(session, runs, { run, output, signal: view.signal });
  head.prepend(...bar.buttons);
  body.append(bar.state, output.el);
}

interface RunBar {
  buttons: HTMLElement[];
  /** What became of the last run, above its output. */
  state: HTMLElement;
}

interface BarOptions {
  run: () => void;
  output: OutputArea;
  signal: AbortSignal;
}

function runBar(session: LiveSession, runs: RunSession, { run, output, signal }: BarOptions): RunBar {
  const start = button("▶", "Run", "Run this code in your kernel (Shift+Enter)");
  const stop = button("■", "Interrupt", "Stop the running code");
  const clear = button("", "Clear output", "Remove the output below");
  clear.classList.add("tnb-plain");
  const sign = symbol("");
  const words = h("span", { role: "status", "aria-live": "polite" });
  const state = h("div", { class: "tnb-run-state", hidden: true }, sign, words, clear);
  start.addEventListener("click", run, { signal });
  stop.addEventListener("click", () => runs.interrupt(), { signal });
  clear.addEventListener("click", () => runs.clear(), { signal });
  let hasOutput = false;
  const update = () => {
    const shown = describeRun(runs.state, runs.status, runs.count, runs.refusal);
    setText(sign, shown.symbol);
    setText(words, shown.words);
    state.hidden = runs.state === "none";
    state.dataset.status = runs.state === "done" ? runs.status : runs.state;
    swap(start, stop, runs.isBusy);
    setText(stop.lastElementChild ?? stop, runs.state === "running" ? "Interrupt" : "Cancel");
    start.disabled = session.signal.aborted || !session.live.isSynced;
    clear.hidden = !hasOutput || runs.isBusy;
  };
  runs.listen((steps) => {
    output.apply(steps);
    for (const step of steps) hasOutput = step.op === "all" ? step.outputs.length > 0 : step.op !== "clear";
    update();
  }, signal);
  session.live.onChange(update, signal);
  return { buttons: [start, stop], state };
}

/** Show `second` instead of `first` when `isSecond`; the focus stays on the button that is seen. */
function swap(first: HTMLButtonElement, second: HTMLButtonElement, isSecond: boolean): void {
  const [seen, unseen] = isSecond ? [second, first] : [first, second];
  const hadFocus = unseen.getRootNode() instanceof Document && document.activeElement === unseen;
  seen.hidden = false;
  unseen.hidden = true;
  if (hadFocus) seen.focus();
}

function button(sign: string, name: string, title: string): HTMLButtonElement {
  return h(
    "button",
    { type: "button", class: "tnb-button", title },
    ...(sign ? [symbol(sign)] : []),
    h("span", {}, name),
  );
}
