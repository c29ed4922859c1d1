// One rich output as an element. What a student's code puts out is shown on a teacher's page: nothing of it
// becomes markup or script of this page. HTML goes into a sandboxed frame, SVG into an <img>.

import { html, type TemplateResult } from "lit-html";
import { ansiNodes } from "./ansi";

type Render = (value: string, alt: string) => TemplateResult | HTMLElement;

const BY_PREFERENCE: [string, Render][] = [
  ["image/png", (value, alt) => image("image/png", value, alt)],
  ["image/jpeg", (value, alt) => image("image/jpeg", value, alt)],
  ["image/gif", (value, alt) => image("image/gif", value, alt)],
  ["image/svg+xml", svg],
  ["text/html", (value) => sandboxed(value)],
  ["text/markdown", (value) => pre(value)],
  ["text/latex", (value) => pre(value)],
  ["application/json", (value) => pre(value)],
  ["text/plain", (value) => pre(value)],
];

/** The richest kind of an output that can be shown. */
export function richOutput(data: Record<string, unknown>): TemplateResult | HTMLElement {
  const alt = textOf(data["text/plain"]);
  for (const [mime, render] of BY_PREFERENCE) {
    if (data[mime] !== undefined) return render(textOf(data[mime]), alt);
  }
  const kinds = Object.keys(data).join(", ");
  return html`<p class="tnb-notice">An output that cannot be shown here: ${kinds}.</p>`;
}

/** Jupyter allows a list of lines for text; JSON comes as a value. */
function textOf(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((line) => typeof line === "string")) return value.join("");
  return JSON.stringify(value, null, 2);
}

function pre(text: string): TemplateResult {
  return html`<pre class="tnb-text">${ansiNodes(text)}</pre>`;
}

function image(mime: string, base64: string, alt: string): TemplateResult {
  const source = `data:${mime};base64,${base64.replace(/\s/g, "")}`;
  return html`<img class="tnb-image" src=${source} alt=${alt || "Image without description"} />`;
}

function svg(markup: string, alt: string): TemplateResult {
  // As an image an SVG can neither run script nor load anything.
  const source = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(markup)}`;
  return html`<img class="tnb-image" src=${source} alt=${alt || "Drawing without description"} />`;
}

const MAX_HEIGHT = 600;
const FRAME_STYLE = `
:root { color-scheme: light dark; }
body { margin: 0; padding: 2px; font: 13px/1.4 system-ui, sans-serif; background: transparent; color: COLOR; }
table { border-collapse: collapse; font-size: 12px; }
th, td { padding: 3px 8px; text-align: right; border: 0; }
thead th { border-bottom: 1px solid currentColor; }
tbody tr:nth-child(odd) { background: rgb(128 128 128 / 0.12); }
`;
/** Runs inside the frame only: tells how high its content is. */
const MEASURE = `
const tell = () => parent.postMessage({ tnbHeight: document.documentElement.offsetHeight }, "*");
new ResizeObserver(tell).observe(document.documentElement); addEventListener("load", tell);`;
const POLICY =
  "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; font-src data:";

/** HTML in a frame with an origin of its own, no network, no forms, no way out. */
export function sandboxed(markup: string): HTMLIFrameElement {
  const frame = document.createElement("iframe");
  frame.className = "tnb-frame";
  frame.setAttribute("sandbox", "allow-scripts");
  frame.title = "HTML output";
  frame.referrerPolicy = "no-referrer";
  const color = getComputedStyle(document.documentElement)
    .getPropertyValue("--jp-content-font-color1")
    .trim();
  const style = FRAME_STYLE.replace("COLOR", /^[\w#(),.%/ -]+$/.test(color) ? color : "CanvasText");
  const head = `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}"><style>${style}</style>`;
  frame.srcdoc = `<!doctype html><html><head>${head}</head><body>${markup}<script>${MEASURE}</script></body></html>`;
  listenForHeight(frame);
  return frame;
}

function listenForHeight(frame: HTMLIFrameElement): void {
  const listener = (event: MessageEvent) => {
    if (event.source === null || event.source !== frame.contentWindow) {
      if (!frame.isConnected) window.removeEventListener("message", listener);
      return;
    }
    const height = Number((event.data as { tnbHeight?: unknown } | null)?.tnbHeight);
    if (Number.isFinite(height))
      frame.style.height = `${Math.min(MAX_HEIGHT, Math.max(20, Math.ceil(height) + 4))}px`;
  };
  window.addEventListener("message", listener);
}
