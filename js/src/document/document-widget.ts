// The browser half of a document that is plain data: a widget says how its data look, all else is done here.
import type { Context, Model, Shown } from "../jupyter/widget";
import { mayWrite } from "../status/saved-model";
import { DocumentSession } from "./document-session";
import { fitting, type Misfit } from "./fitting";
import { Frame } from "./frame";
import { JsonTree } from "./json-tree";
import type { Look } from "./look";
import { lookStyle } from "./misfit-note";
import { type DocumentLook, partsOf, type ShownDocument, watchedLook, withNote } from "./watched-look";

/** The widget of a type, with its look for whoever watches. */
export type DocumentWidget = ((context: Context) => Shown) & { look: Look };

export function documentWidget<Data extends object, Options extends object>(
  look: DocumentLook<Data, Options>,
): DocumentWidget {
  const widget = ({ model, signal }: Context): Shown => {
    const session = new DocumentSession(model, signal, look.data);
    const frame = {
      name: look.name,
      css: `${look.css}\n${lookStyle}`,
      traits: ["data", "misfits", ...Object.keys(look.options)],
    };
    return {
      render(view) {
        const tree = new JsonTree(() => shown.update());
        const shown = new Frame(session, view, {
          ...frame,
          saving: () => session.saving,
          parts: () => {
            const { misfits, stored } = fitOf(session, look);
            const parts = partsOf(look.draw(documentOf(session, look)));
            return withNote(parts, misfits, () => tree.draw(stored, false));
          },
          problem: () => session.refusal,
        });
        session.onChange(() => shown.update(), view.signal);
        shown.start(view.signal);
        look.follow?.(() => documentOf(session, look), view);
      },
    };
  };
  return Object.assign(widget, { look: watchedLook(look) });
}

/** The data as far as they fit, with what the user has assigned, and what is stored. */
function fitOf<Data extends object, Options extends object>(
  { data, model }: DocumentSession<Data>,
  look: DocumentLook<Data, Options>,
) {
  // The kernel knows what the notebook asks for, and what stands there in the place of an object.
  const told = (model.get("misfits") ?? []) as Misfit[];
  const whole = told.find(({ key }) => key === "");
  const stored = whole ? whole.value : data;
  return { ...fitting(look.data, stored, whole ? [] : told), stored };
}

function documentOf<Data extends object, Options extends object>(
  session: DocumentSession<Data>,
  look: DocumentLook<Data, Options>,
): ShownDocument<Data, Options> {
  const { model, signal } = session;
  const { data, misfits } = fitOf(session, look);
  return {
    title: String(model.get("title") ?? ""),
    data,
    options: optionsOf(model, look.options),
    // What does not fit would be lost by a change.
    canEdit: mayWrite(model) && !signal.aborted && misfits.every(({ is_of_call }) => is_of_call),
    assign: (key, value) => void session.assign(key, value),
  };
}

function optionsOf<Options extends object>(model: Model, defaults: Options): Options {
  const asked = Object.keys(defaults).map((name) => [name, model.get(name)]);
  const known = asked.filter(([, value]) => value !== undefined);
  return { ...defaults, ...(Object.fromEntries(known) as Partial<Options>) };
}
