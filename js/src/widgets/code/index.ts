// The live code cell: one shared text, run in the own kernel.

import { html, nothing, type TemplateResult } from "lit-html";
import { showLiveEditor } from "../../editor/live-editor";
import { watchCells } from "../../jupyter/manager";
import { realCells, widgetMarkIn } from "../../jupyter/real-cells";
import type { Context, Shown, View } from "../../jupyter/widget";
import { LiveSession } from "../../live/live-session";
import { OutputArea } from "../../outputs/outputs";
import outputStyle from "../../outputs/style.css";
import { t } from "../../text/words";
import { symbol } from "../../ui/elements";
import { NameCompletion } from "./completion";
import { InputField } from "./input-field";
import { KernelNames } from "./kernel-names";
import { OutputInView } from "./output-in-view";
import { pythonEditor } from "./python-editor";
import { describeRun, RunSession } from "./run-session";
import css from "./style.css";

export function widget({ model, signal }: Context): Shown {
  const session = new LiveSession(model, signal);
  const runs = new RunSession(session.channel, model, signal);
  const isCellRunning = watchCells(model, signal);
  const names = new KernelNames(session.channel, () => isCellRunning() || runs.isBusy);
  return { render: (view) => show(session, runs, names, view) };
}

function show(session: LiveSession, runs: RunSession, names: KernelNames, view: View): void {
  const output = new OutputArea(session.model, view.signal, () => inView.show());
  const inView = new OutputInView(
    () => output.el.parentElement,
    () => !runs.isBusy,
    view.signal,
  );
  const field = new InputField(view.el, (question, value) => runs.answer(question, value));
  // What the user sees is what runs, whatever the kernel has received so far.
  const run = () => {
    runs.start(session.live.text?.toString() ?? "");
    inView.want();
  };
  const frame = showLiveEditor(session, view, {
    name: "code",
    css: outputStyle + css,
    hint: t(
      "Python code. Shift and Enter run it. Tab indents, and completes names; press Escape, then Tab, to leave the editor.",
    ),
    ending: ".py",
    hasLineNumbers: true,
    extensions: () => [pythonEditor(run, new NameCompletion(names))],
    lead: () => runButton(session, runs, run),
    tools: () => realCellButton(session, view),
    below: () => html`${runState(runs, !output.isEmpty)}${output.el}${field.template(runs.question)}`,
  });
  runs.listen((outputs) => {
    output.show(outputs);
    frame.draw();
  }, view.signal);
}

/** Run, or end what runs: one button, so that the focus stays on it. */
function runButton(session: LiveSession, runs: RunSession, run: () => void): TemplateResult {
  const name = runs.isBusy ? (runs.state === "running" ? t("Interrupt") : t("Cancel")) : t("Run");
  const title = runs.isBusy ? t("Stop the running code") : t("Run this code in your kernel (Shift+Enter)");
  const isUseless = session.signal.aborted || !session.live.isSynced;
  const press = () => (runs.isBusy ? runs.interrupt() : run());
  return html`<button type="button" class="tnb-button" title=${title} ?disabled=${isUseless && !runs.isBusy}
    @click=${press}>${symbol(runs.isBusy ? "■" : "▶")}<span>${name}</span></button>`;
}

/** Where cells of the notebook can be live themselves, the text is better off there. */
function realCellButton({ live, model, signal }: LiveSession, { el }: View): unknown {
  const cells = realCells();
  const mark = widgetMarkIn(model.get("mark"));
  if (!cells || !mark || signal.aborted || !live.isSynced || !cells.canMake(el, mark)) return nothing;
  const make = () => void cells.make(el, mark, live.text?.toString() ?? "");
  return html`<button type="button" class="tnb-button tnb-plain" title=${t("Put this text into a cell of the notebook itself")}
    @click=${make}>${symbol("⇩")}<span>${t("Make it a real cell")}</span></button>`;
}

/** What became of the last run, above its output; before there is one, the keys have the line alone. */
function runState(runs: RunSession, hasOutput: boolean): TemplateResult {
  const shown = describeRun(runs.state, runs.status, runs.count, runs.refusal, runs.question !== null);
  const status = runs.state === "done" ? runs.status : runs.state;
  return html`<div class="tnb-run-state" data-status=${status}
    >${symbol(shown.symbol)}<span role="status" aria-live="polite">${shown.words}</span
    ><span class="tnb-keys" aria-hidden="true"><span class="tnb-keys-run"><kbd>Shift</kbd>+<kbd>Enter</kbd> ${t("runs")} · </span
      ><kbd>Esc</kbd>, ${t("then")} <kbd>Tab</kbd> ${t("leaves")}</span
    ><button type="button" class="tnb-button tnb-plain" title=${t("Remove the output below")}
      ?hidden=${!hasOutput || runs.isBusy} @click=${() => runs.clear()}><span>${t("Clear output")}</span></button></div>`;
}
