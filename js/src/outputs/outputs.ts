// The outputs of a run, following the kernel's steps.

import { html, render, type TemplateResult } from "lit-html";
import type { Model } from "../jupyter/widget";
import { said, t } from "../text/words";
import { ansiNodes } from "./ansi";
import { type Bundle, richOutput } from "./mime";

/** `id` tells apart what is shown: it stays when an output changes. */
export type Output = { id: number } & (
  | { type: "stream"; name: "stdout" | "stderr"; text: string }
  | ({ type: "display" | "result"; count?: number } & Bundle)
  | { type: "error"; ename: string; evalue: string; traceback: string[] }
  | { type: "notice"; text: string }
);

export type Step =
  | { op: "add"; output: Output }
  | { op: "set"; output: Output }
  /** Leave out so many lines in front, and the unfinished one at the end, then go on. */
  | { op: "text"; id: number; drop: number; rewind: boolean; text: string }
  | { op: "drop"; ids: number[] }
  | { op: "clear" }
  | { op: "all"; outputs: Output[] };

/** The list after the steps. Pure. */
export function follow(outputs: readonly Output[], steps: readonly Step[]): Output[] {
  let list = [...outputs];
  for (const step of steps) {
    if (step.op === "clear") list = [];
    else if (step.op === "all") list = [...step.outputs];
    else if (step.op === "add") list.push(step.output);
    else if (step.op === "drop") list = list.filter(({ id }) => !step.ids.includes(id));
    else if (step.op === "text")
      list = list.map((output) => (output.id === step.id ? goneOn(output, step) : output));
    else list = list.map((output) => (output.id === step.output.id ? step.output : output));
  }
  return list;
}

function goneOn(output: Output, { drop, rewind, text }: Extract<Step, { op: "text" }>): Output {
  if (output.type !== "stream") return output;
  let start = 0;
  for (let line = 0; line < drop; line += 1) start = output.text.indexOf("\n", start) + 1;
  let before = output.text.slice(start);
  if (rewind) before = before.slice(0, before.lastIndexOf("\n") + 1);
  return { ...output, text: before + text };
}

export class OutputArea {
  readonly el = document.createElement("div");
  private outputs: readonly Output[] = [];
  private readonly shown = new Map<number, { output: Output; node: ChildNode; stop: AbortController }>();
  private isDrawDue = false;

  /**
   * What stands in the area is drawn by the front end of `model` where that can do it better. `drawn` is called when what
   * the steps say can be seen.
   */
  constructor(
    private readonly model: Model,
    private readonly signal: AbortSignal,
    private readonly drawn: () => void = () => {},
  ) {
    this.el.className = "tnb-outputs";
    this.el.setAttribute("role", "region");
    this.el.setAttribute("aria-label", t("Output"));
    this.el.tabIndex = 0;
    this.el.hidden = true;
    signal.addEventListener("abort", () => this.keepOnly([]));
  }

  get isEmpty(): boolean {
    return this.outputs.length === 0;
  }

  show(outputs: readonly Output[]): void {
    this.outputs = outputs;
    if (this.isDrawDue) return;
    this.isDrawDue = true;
    requestAnimationFrame(() => {
      this.isDrawDue = false;
      if (!this.signal.aborted) this.draw();
    });
  }

  /** Elements of outputs that have not changed stay: images do not flicker, frames do not load again. */
  private draw(): void {
    this.keepOnly(this.outputs);
    const nodes = this.outputs.map((output) => this.nodeOf(output));
    for (const node of [...this.el.childNodes]) if (!nodes.includes(node)) node.remove();
    nodes.forEach((node, place) => {
      // A frame that is put where it is already would load again.
      if (this.el.childNodes[place] !== node) this.el.insertBefore(node, this.el.childNodes[place] ?? null);
    });
    this.el.hidden = this.isEmpty;
    this.drawn();
  }

  private nodeOf(output: Output): ChildNode {
    const shown = this.shown.get(output.id);
    if (shown?.output === output) return shown.node;
    shown?.stop.abort();
    const stop = new AbortController();
    const node = document.createElement("div");
    render(outputTemplate(output, { model: this.model, signal: stop.signal }), node);
    this.shown.set(output.id, { output, node, stop });
    return node;
  }

  private keepOnly(outputs: readonly Output[]): void {
    const ids = new Set(outputs.map(({ id }) => id));
    for (const [id, { stop }] of this.shown) {
      if (ids.has(id)) continue;
      stop.abort();
      this.shown.delete(id);
    }
  }
}

/** Where an output is shown, and for how long. */
export interface Place {
  model: Model;
  signal: AbortSignal;
}

export function outputTemplate(output: Output, place: Place): TemplateResult {
  switch (output.type) {
    case "stream": {
      const name = output.name === "stderr" ? "stderr" : "stdout";
      return html`<pre class="tnb-text tnb-${name}">${ansiNodes(output.text)}</pre>`;
    }
    case "error": {
      const { ename, evalue, traceback } = output;
      const lines = traceback.length ? traceback.join("\n") : `${ename}: ${evalue}`;
      return html`<pre class="tnb-text tnb-error" aria-label=${t("Error: {ename}", { ename })}>${ansiNodes(lines)}</pre>`;
    }
    case "notice":
      return html`<p class="tnb-notice" ?hidden=${!output.text}>${said(output.text)}</p>`;
    default:
      return html`<div class="tnb-rich">${richOutput(output, place)}</div>`;
  }
}
