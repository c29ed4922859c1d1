// Elements without markup: text stays text.

type Attributes = Record<string, string | boolean | undefined>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** Set text only when it differs: a live region speaks again otherwise. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

let counter = 0;

export function freshId(): string {
  counter += 1;
  return `tnb-${counter}`;
}

/** A symbol that screen readers skip; the words beside it say the same. */
export function symbol(text: string): HTMLSpanElement {
  return h("span", { class: "tnb-symbol", "aria-hidden": "true" }, text);
}
