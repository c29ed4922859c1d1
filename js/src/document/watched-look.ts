// The look of plain data for whoever watches: as its widget draws it where nobody may write.
import { html, type TemplateResult } from "lit-html";
import type { View } from "../jupyter/widget";
import { fitting, type Misfit } from "./fitting";
import type { Parts } from "./frame";
import type { Look, Watched } from "./look";
import { misfitNote } from "./misfit-note";

/** A document as its widget draws it. */
export interface ShownDocument<Data, Options> {
  title: string;
  /** What the document holds, with what the user has assigned already. */
  data: Data;
  /** What the notebook has asked for. */
  options: Options;
  canEdit: boolean;
  /** Set one key. It is shown at once; the kernel checks and stores it. */
  assign<Key extends keyof Data & string>(key: Key, value: Data[Key]): void;
}

export interface DocumentLook<Data, Options> {
  /** The widget's class is `tnb-` and this. */
  name: string;
  css: string;
  /** What a document holds before anybody has said anything; from `schema`. */
  data: Data;
  /** Traits of the widget that are no document's, with what they are without a kernel. */
  options: Options;
  /** Draw the document: a template for below its title, or parts for other places. */
  draw(document: ShownDocument<Data, Options>): TemplateResult | Parts;
  /** Do something as long as the document is shown in a place, besides drawing it. */
  follow?(document: () => ShownDocument<Data, Options>, view: View): void;
}

/** Without what the notebook has asked for, which whoever watches does not know. */
export function watchedLook<Data extends object, Options extends object>(
  look: DocumentLook<Data, Options>,
): Look {
  return {
    name: look.name,
    css: look.css,
    draw({ data: stored, json, title }: Watched) {
      const { data, misfits } = fitting(look.data, stored);
      const shown = { title, data, options: look.options, canEdit: false, assign: () => {} };
      return withNote(partsOf(look.draw(shown)), misfits, () => json(stored, false));
    },
  };
}

/** In the place of the widget in the extension for JupyterLab, which has looks and no kernels (`bundling.mjs`). */
export function documentWidget<Data extends object, Options extends object>(
  look: DocumentLook<Data, Options>,
): { look: Look } {
  return { look: watchedLook(look) };
}

export function withNote(parts: Parts, misfits: Misfit[], stored: () => TemplateResult): Parts {
  return misfits.length ? { ...parts, body: html`${misfitNote(misfits, stored)}${parts.body}` } : parts;
}

export function partsOf(drawn: TemplateResult | Parts): Parts {
  return "strings" in drawn ? { body: drawn } : drawn;
}
