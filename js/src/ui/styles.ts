// Style sheets of the bundle, put once into the document (or shadow root) that shows a widget.
import shared from "./style.css";

const MARK = "data-tnb-style";

export function addStyle(el: Element, name: string, css: string): void {
  const root = el.getRootNode();
  const home = root instanceof ShadowRoot ? root : document.head;
  for (const [mark, text] of [
    ["shared", shared],
    [name, css],
  ] as const) {
    if (home.querySelector(`style[${MARK}="${mark}"]`)) continue;
    const style = document.createElement("style");
    style.setAttribute(MARK, mark);
    style.textContent = text;
    home.append(style);
  }
}
