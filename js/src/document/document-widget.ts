// The browser half of a document that is plain data: a widget says how its data look, all else is done here.
import type { TemplateResult } from "lit-html";
import type { Context, Model, Shown, View } from "../jupyter/widget";
import { mayWrite } from "../status/saved-model";
import { DocumentSession } from "./document-session";
import { Frame, type Parts } from "./frame";

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

export function documentWidget<Data extends object, Options extends object>(
  look: DocumentLook<Data, Options>,
): (context: Context) => Shown {
  return ({ model, signal }) => {
    const session = new DocumentSession(model, signal, look.data);
    const frame = { name: look.name, css: look.css, traits: ["data", ...Object.keys(look.options)] };
    return {
      render(view) {
        const shown = new Frame(session, view, {
          ...frame,
          saving: () => session.saving,
          parts: () => partsOf(look.draw(documentOf(session, look))),
          problem: () => session.refusal,
        });
        session.onChange(() => shown.update(), view.signal);
        shown.start(view.signal);
        look.follow?.(() => documentOf(session, look), view);
      },
    };
  };
}

function documentOf<Data extends object, Options extends object>(
  session: DocumentSession<Data>,
  { options }: DocumentLook<Data, Options>,
): ShownDocument<Data, Options> {
  const { model, signal, data } = session;
  return {
    title: String(model.get("title") ?? ""),
    data,
    options: optionsOf(model, options),
    canEdit: mayWrite(model) && !signal.aborted,
    assign: (key, value) => void session.assign(key, value),
  };
}

function partsOf(drawn: TemplateResult | Parts): Parts {
  return "strings" in drawn ? { body: drawn } : drawn;
}

function optionsOf<Options extends object>(model: Model, defaults: Options): Options {
  const asked = Object.keys(defaults).map((name) => [name, model.get(name)]);
  const known = asked.filter(([, value]) => value !== undefined);
  return { ...defaults, ...(Object.fromEntries(known) as Partial<Options>) };
}
