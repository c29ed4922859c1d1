// What a document looks like for whoever watches it: nothing of it can be changed. Types with a widget of plain data
// have a look by it, others one in the `look.ts` of their folder below `widgets`; the rest is shown as it is stored.
import { LOOKS } from "virtual:looks";
import { html, type TemplateResult } from "lit-html";
import { t } from "../text/words";
import { symbol } from "../ui/elements";
import type { Parts } from "./frame";

/** A document that has to do with the one that is watched: below it, or beside it and of the same person. */
export interface Related {
  id: string;
  type: string;
  /** Who has written it. */
  name: string;
  isBelow: boolean;
  /** The document that it is below. */
  parentId: string | null;
  createdAt: string;
  data: unknown;
}

export interface Watched {
  title: string;
  type: string;
  /** Any JSON: another program may have stored anything. */
  data: unknown;
  /** Oldest first; empty for a look that does not ask for them. */
  related: Related[];
  /** Draw any JSON, folded. */
  json(value: unknown, isOpen?: boolean): TemplateResult;
}

export interface Look {
  /** The class of what is drawn is `tnb-` and this. */
  name: string;
  css: string;
  /** Whether it shows other documents too. */
  needsRelated?: boolean;
  draw(watched: Watched): Parts;
}

export const AS_STORED: Look = {
  name: "as-stored",
  css: "",
  draw: ({ data, json }) => ({ body: json(data) }),
};

/** The look of documents that nobody here understands, with a sentence. */
const UNKNOWN: Look = {
  ...AS_STORED,
  draw: ({ data, json, type }) => ({ body: html`${unknownNote(type)}${json(data)}` }),
};

export async function lookOf(type: string): Promise<Look> {
  const load = Object.hasOwn(LOOKS, type) ? LOOKS[type] : undefined;
  const { look, widget } = (await load?.()) ?? {};
  return look ?? widget?.look ?? UNKNOWN;
}

export function unknownNote(type: string): TemplateResult {
  return html`<p class="tnb-look-note">${symbol("ℹ")} ${t(
    "Documents of the type “{type}” are not known here: this one is shown as it is stored, and never changed.",
    { type },
  )}</p>`;
}
