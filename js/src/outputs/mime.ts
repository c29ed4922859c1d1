// One rich output as an element. What a student's code puts out is shown on a teacher's page: nothing of it
// becomes markup or script of this page. HTML goes into a sandboxed frame, SVG into an <img>; what the front end
// draws, such as formulas and Markdown, it draws as something that nobody vouches for. Widgets are its own.

import { html, type TemplateResult } from "lit-html";
import { drawnByFrontEnd, widgetView } from "../jupyter/manager";
import { t } from "../text/words";
import { ansiNodes } from "./ansi";
import type { Place } from "./outputs";
import { sandboxed } from "./sandbox";

/** What the kernel says of one output: kinds with their values, and what else is known of each. */
export interface Bundle {
  data: Record<string, unknown>;
  metadata?: Record<string, unknown>;
}

type Shown = TemplateResult | HTMLElement;
type Render = (value: string, bundle: Bundle, place: Place) => Shown;

const WIDGET = "application/vnd.jupyter.widget-view+json";

const BY_PREFERENCE: [string, Render][] = [
  ...["image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"].map((mime): [string, Render] => [
    mime,
    (value, bundle) => image(mime, value, bundle),
  ]),
  ["image/svg+xml", svg],
  ["text/html", (value, _bundle, { signal }) => sandboxed(value, signal)],
  ["text/latex", (value, bundle, place) => drawn("text/latex", bundle, place) ?? pre(value)],
  ["text/markdown", (value, bundle, place) => drawn("text/markdown", bundle, place) ?? pre(value)],
  ["application/json", (value) => pre(value)],
];

/** The richest kind of an output that can be shown. */
export function richOutput(bundle: Bundle, place: Place): Shown {
  const { data } = bundle;
  const widget = data[WIDGET] === undefined ? undefined : widgetView(place.model, data[WIDGET], place.signal);
  if (widget) return widget;
  for (const mime of Object.keys(data).filter(isSpecial)) {
    const element = drawn(mime, bundle, place);
    if (element) return element;
  }
  for (const [mime, render] of BY_PREFERENCE) {
    if (data[mime] !== undefined) return render(textOf(data[mime]), bundle, place);
  }
  const [mime = ""] = Object.keys(data).filter((kind) => /^(audio|video)\//.test(kind));
  if (mime) return media(mime, textOf(data[mime]));
  const kinds = Object.keys(data).filter((kind) => kind !== "text/plain");
  const plain = data["text/plain"] === undefined ? "" : pre(textOf(data["text/plain"]));
  if (!kinds.length && plain) return plain;
  return html`${plain}<p class="tnb-notice">${t("An output that cannot be shown here: {kinds}.", { kinds: kinds.join(", ") })}</p>`;
}

/** Kinds of libraries, such as plotly's; a front end may have a renderer for one. */
function isSpecial(mime: string): boolean {
  return (
    mime.startsWith("application/") && !["application/json", "application/javascript", WIDGET].includes(mime)
  );
}

function drawn(mime: string, bundle: Bundle, { model, signal }: Place): HTMLElement | undefined {
  const { data, metadata = {} } = bundle;
  return drawnByFrontEnd(model, mime, { data, metadata }, signal);
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

function image(mime: string, base64: string, bundle: Bundle): HTMLImageElement {
  const source = `data:${mime};base64,${base64.replace(/\s/g, "")}`;
  return picture(source, mime, bundle, t("Image without description"));
}

function svg(markup: string, bundle: Bundle): HTMLImageElement {
  // As an image an SVG can neither run script nor load anything.
  const source = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(markup)}`;
  return picture(source, "image/svg+xml", bundle, t("Drawing without description"));
}

function picture(
  source: string,
  mime: string,
  { data, metadata }: Bundle,
  otherwise: string,
): HTMLImageElement {
  const element = document.createElement("img");
  element.className = "tnb-image";
  element.src = source;
  element.alt = textOf(data["text/plain"]) || otherwise;
  const { width, height } = (metadata?.[mime] ?? {}) as { width?: number; height?: number };
  if (width) element.width = width;
  if (height) element.height = height;
  // The style sheet leaves the height to the proportions.
  if (height && !width) element.style.height = `${height}px`;
  return element;
}

function media(mime: string, base64: string): HTMLMediaElement {
  const element = document.createElement(mime.startsWith("audio/") ? "audio" : "video");
  element.className = "tnb-media";
  element.controls = true;
  element.src = `data:${mime};base64,${base64.replace(/\s/g, "")}`;
  return element;
}
