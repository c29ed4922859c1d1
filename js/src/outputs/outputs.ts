// The outputs of a run, following the kernel's steps.

import { h } from "../ui/dom";
import { ansiNodes } from "./ansi";
import { bundleElement } from "./mime";

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
  readonly el = h("div", { class: "tnb-outputs", role: "region", "aria-label": "Output", tabindex: "0" });
  private outputs: Output[] = [];
  private isDrawDue = false;

  constructor() {
    this.el.hidden = true;
  }

  get isEmpty(): boolean {
    return this.outputs.length === 0;
  }

  apply(steps: Step[]): void {
    const before = this.outputs;
    this.outputs = follow(before, steps);
    if (this.isDrawDue) return;
    this.isDrawDue = true;
    requestAnimationFrame(() => {
      this.isDrawDue = false;
      this.draw();
    });
  }

  private readonly drawn: { output: Output; element: HTMLElement }[] = [];

  /** Elements of outputs that have not changed stay: images do not flicker, frames do not load again. */
  private draw(): void {
    const { outputs, drawn } = this;
    while (drawn.length > outputs.length) drawn.pop()?.element.remove();
    outputs.forEach((output, index) => {
      const old = drawn[index];
      if (old?.output === output) return;
      const element = outputElement(output);
      if (old) old.element.replaceWith(element);
      else this.el.append(element);
      drawn[index] = { output, element };
    });
    this.el.hidden = !outputs.length;
  }
}

export function outputElement(output: Output): HTMLElement {
  switch (output.type) {
    case "stream":
      return h(
        "pre",
        { class: `tnb-text tnb-${output.name === "stderr" ? "stderr" : "stdout"}` },
        ...ansiNodes(output.text),
      );
    case "error": {
      const lines = output.traceback.length
        ? output.traceback.join("\n")
        : `${output.ename}: ${output.evalue}`;
      return h(
        "pre",
        { class: "tnb-text tnb-error", "aria-label": `Error: ${output.ename}` },
        ...ansiNodes(lines),
      );
    }
    case "notice":
      return h("p", { class: "tnb-notice" }, output.text);
    default:
      return h("div", { class: "tnb-rich" }, bundleElement(output.data));
  }
}
