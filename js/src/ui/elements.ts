// Pieces of templates that many places draw.
import { html, render, type TemplateResult } from "lit-html";

/** A symbol that screen readers skip; the words beside it say the same. */
export function symbol(sign: string): TemplateResult {
  return html`<span class="tnb-symbol" aria-hidden="true">${sign}</span>`;
}

/** The element that a template makes, for whoever keeps elements: CodeMirror, and lists that are drawn piece by piece. */
export function elementOf(template: TemplateResult): HTMLElement {
  const home = document.createElement("div");
  render(template, home);
  const element = home.firstElementChild;
  if (!(element instanceof HTMLElement)) throw new Error("the template makes no element");
  return element;
}

let counter = 0;

export function freshId(): string {
  counter += 1;
  return `tnb-${counter}`;
}

/** What has the focus, also inside a shadow root. */
export function focusedBeside(element: Element): Element | null {
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root.activeElement : document.activeElement;
}
