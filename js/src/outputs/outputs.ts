// The outputs of a run, following the kernel's steps.
import { html, render, type TemplateResult } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import { ansiNodes } from "./ansi";
import { richOutput } from "./mime";

export type Output =
  | { type: "stream"; name: "stdout" | "stderr"; text: string }
  | { type: "display" | "result"; data: Record<string, unknown>; count?: number }
  | { type: "error"; ename: string; evalue: string; traceback: string[] }
  | { type: "notice"; text: string };

export type Step =
  | { op: "add"; output: Output }
  | { op: "text"; text: string }
  | { op: "set"; index: number; output: Output }
  | { op: "clear" }
  | { op: "all"; outputs: Output[] };

/** The list after the steps. Pure. */
export function follow(outputs: readonly Output[], steps: readonly Step[]): Output[] {
  let list = [...outputs];
  for (const step of steps) {
    if (step.op === "clear") list = [];
    else if (step.op === "all") list = [...step.outputs];
    else if (step.op === "add") list.push(step.output);
    else if (step.op === "set") list[step.index] = step.output;
    else {
      const last = list.at(-1);
      if (last?.type === "stream") list[list.length - 1] = { ...last, text: last.text + step.text };
    }
  }
  return list;
}

export class OutputArea {
  readonly el = document.createElement("div");
  private outputs: Output[] = [];
  private isDrawDue = false;

  /** `drawn` is called when what the steps say can be seen. */
  constructor(private readonly drawn: () => void = () => {}) {
    this.el.className = "tnb-outputs";
    this.el.setAttribute("role", "region");
    this.el.setAttribute("aria-label", "Output");
    this.el.tabIndex = 0;
    this.el.hidden = true;
  }

  get isEmpty(): boolean {
    return this.outputs.length === 0;
  }

  apply(steps: Step[]): void {
    this.outputs = follow(this.outputs, steps);
    if (this.isDrawDue) return;
    this.isDrawDue = true;
    requestAnimationFrame(() => {
      this.isDrawDue = false;
      this.draw();
    });
  }

  /** Elements of outputs that have not changed stay: images do not flicker, frames do not load again. */
  private draw(): void {
    const drawn = this.outputs.map((output) => guard([output], () => outputTemplate(output)));
    render(drawn, this.el);
    this.el.hidden = this.isEmpty;
    this.drawn();
  }
}

export function outputTemplate(output: Output): TemplateResult {
  switch (output.type) {
    case "stream": {
      const name = output.name === "stderr" ? "stderr" : "stdout";
      return html`<pre class="tnb-text tnb-${name}">${ansiNodes(output.text)}</pre>`;
    }
    case "error": {
      const { ename, evalue, traceback } = output;
      const lines = traceback.length ? traceback.join("\n") : `${ename}: ${evalue}`;
      return html`<pre class="tnb-text tnb-error" aria-label="Error: ${ename}">${ansiNodes(lines)}</pre>`;
    }
    case "notice":
      return html`<p class="tnb-notice">${output.text}</p>`;
    default:
      return html`<div class="tnb-rich">${richOutput(output.data)}</div>`;
  }
}
