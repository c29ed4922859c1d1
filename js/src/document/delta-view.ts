// A formatted text as whoever only reads it sees it: with its formats, as far as they are known here. Anybody may have
// stored it. It is drawn from templates that are ours, never from HTML, and links and images lead to few kinds of addresses.
import { html, nothing, type TemplateResult } from "lit-html";
import { t } from "../text/words";
import {
  type DeltaLine,
  type DeltaPiece,
  type Formats,
  isDrawable,
  linesOf,
  MOST_PIECES,
  piecesIn,
} from "./delta-lines";
import { textOfPieces } from "./delta-text";
import css from "./delta-view.css";

export { css as deltaStyle };

const LINKS = new Set(["http:", "https:", "mailto:"]);
const IMAGE = /^(https?:\/\/|data:image\/(png|jpeg|gif|webp);base64,)/i;
/** Of lists in lists. */
const DEEPEST = 8;

/** Draw a `quill_v2` document; null for what is none. What is too long is drawn as text, with a sentence. */
export function deltaView(data: unknown): TemplateResult | null {
  const pieces = piecesIn(data);
  if (!pieces) return null;
  if (isDrawable(pieces)) return html`<div class="tnb-delta">${blocks(linesOf(pieces))}</div>`;
  return html`<div class="tnb-delta"><p class="tnb-talk-note">${t(
    "This text is too long to be shown with its formats: it has more than {count} pieces or 200,000 characters.",
    { count: MOST_PIECES.toLocaleString("en") },
  )}</p><pre class="tnb-delta-plain">${textOfPieces(pieces)}</pre></div>`;
}

/** Lines that follow each other and are of one kind are one block. */
function blocks(lines: DeltaLine[]): TemplateResult[] {
  const drawn: TemplateResult[] = [];
  for (let from = 0; from < lines.length; ) {
    const kind = kindOf(lines[from]);
    let to = from + 1;
    while (to < lines.length && kindOf(lines[to]) === kind) to += 1;
    drawn.push(block(kind, lines.slice(from, to)));
    from = to;
  }
  return drawn;
}

type Kind = "code" | "list" | "quote" | "heading" | "plain";

function kindOf(line: DeltaLine | undefined): Kind {
  const formats = line?.formats ?? {};
  if (formats["code-block"]) return "code";
  if (formats.list) return "list";
  if (formats.blockquote) return "quote";
  return typeof formats.header === "number" ? "heading" : "plain";
}

function block(kind: Kind, lines: DeltaLine[]): TemplateResult {
  switch (kind) {
    case "code":
      return html`<pre><code>${lines.map(({ pieces }) => textOfPieces(pieces)).join("\n")}</code></pre>`;
    case "list":
      return html`${lists(lines, 0)}`;
    case "quote":
      return html`<blockquote>${lines.map(plainLine)}</blockquote>`;
    case "heading":
      return html`${lines.map(heading)}`;
    default:
      return html`${lines.map(plainLine)}`;
  }
}

function heading({ pieces, formats }: DeltaLine): TemplateResult {
  const level = Math.min(6, Math.max(1, Math.trunc(Number(formats.header))));
  return html`<div role="heading" aria-level=${level} data-level=${level}>${pieces.map(drawn)}</div>`;
}

function plainLine({ pieces }: DeltaLine): TemplateResult {
  return html`<div>${pieces.length ? pieces.map(drawn) : html`<br>`}</div>`;
}

function depth({ formats }: DeltaLine): number {
  const { indent } = formats;
  return typeof indent === "number" ? Math.min(DEEPEST, Math.max(0, Math.trunc(indent))) : 0;
}

/** Lists of lines that are all at least so deep; what is deeper belongs to the line before it. */
function lists(lines: DeltaLine[], level: number): TemplateResult[] {
  const runs: { isOrdered: boolean; items: DeltaLine[][] }[] = [];
  for (const line of lines) {
    const isOrdered = line.formats.list === "ordered";
    const last = runs.at(-1);
    const item = last?.items.at(-1);
    if (depth(line) > level && item) item.push(line);
    else if (last && last.isOrdered === isOrdered) last.items.push([line]);
    else runs.push({ isOrdered, items: [[line]] });
  }
  return runs.map(({ isOrdered, items }) => {
    const rows = items.map((item) => listItem(item, level));
    return isOrdered ? html`<ol>${rows}</ol>` : html`<ul>${rows}</ul>`;
  });
}

function listItem([line, ...deeper]: DeltaLine[], level: number): TemplateResult {
  const kind = line?.formats.list;
  const box = kind === "checked" ? "☑ " : kind === "unchecked" ? "☐ " : "";
  const word = kind === "checked" ? t("done @box") : t("open @box");
  const sign = box
    ? html`<span aria-hidden="true">${box}</span><span class="tnb-hidden">${word}: </span>`
    : nothing;
  return html`<li data-box=${box ? "true" : nothing}>${sign}${line?.pieces.map(drawn)}${
    deeper.length ? lists(deeper, level + 1) : nothing
  }</li>`;
}

function drawn({ insert, formats }: DeltaPiece): unknown {
  if (typeof insert !== "string") return linked(embedded(insert, formats), formats);
  let shown: unknown = insert;
  if (formats.code) shown = html`<code>${shown}</code>`;
  if (formats.italic) shown = html`<em>${shown}</em>`;
  if (formats.bold) shown = html`<strong>${shown}</strong>`;
  if (formats.strike) shown = html`<s>${shown}</s>`;
  if (formats.underline) shown = html`<u>${shown}</u>`;
  return linked(shown, formats);
}

function embedded(insert: Record<string, unknown>, { alt }: Formats): unknown {
  const { image } = insert;
  const words = typeof alt === "string" ? alt : "";
  if (typeof image === "string" && IMAGE.test(image))
    return html`<img src=${image} alt=${words || t("image")} referrerpolicy="no-referrer" loading="lazy">`;
  const { formula } = insert;
  if (typeof formula === "string") return html`<code>${formula}</code>`;
  return `[${(words || Object.keys(insert)[0] || "").slice(0, 40)}]`;
}

function linked(shown: unknown, { link }: Formats): unknown {
  if (typeof link !== "string" || !isAddress(link)) return shown;
  return html`<a href=${link} target="_blank" rel="noopener noreferrer">${shown}</a>`;
}

/** Only what leads away: nothing that runs here, and nothing that is meant for another site's pages. */
function isAddress(link: string): boolean {
  try {
    return LINKS.has(new URL(link).protocol);
  } catch {
    return false;
  }
}
