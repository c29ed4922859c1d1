// A document of a type that has no widget: as its type looks for whoever watches, else as it is stored.
import { html } from "lit-html";
import { DocumentSession } from "../../document/document-session";
import { Frame } from "../../document/frame";
import { JsonTree } from "../../document/json-tree";
import { type Look, lookOf, type Related } from "../../document/look";
import { lookStyle } from "../../document/misfit-note";
import { type Context, followTraits, type Shown, textOf, type View } from "../../jupyter/widget";
import { t } from "../../text/words";
import { addStyle } from "../../ui/styles";

export function widget({ model, signal }: Context): Shown {
  const session = new DocumentSession(model, signal, {});
  return { render: (view) => show(session, view) };
}

function show(session: DocumentSession<object>, view: View): void {
  const { model } = session;
  let look: Look | null = null;
  const tree = new JsonTree(() => frame.update());
  const json = (value: unknown, isOpen?: boolean) => tree.draw(value, isOpen);
  const frame = new Frame(session, view, {
    name: "other",
    css: lookStyle,
    traits: ["stored", "related"],
    saving: () => session.saving,
    parts: () => {
      const type = textOf(model, "document_type");
      const watched = {
        title: textOf(model, "title"),
        type,
        data: model.get("stored"),
        related: (model.get("related") ?? []) as Related[],
        json,
      };
      return look?.draw(watched) ?? { body: html`<p class="tnb-look-note">${t("Loading …")}</p>` };
    },
  });
  frame.start(view.signal);
  followTraits(model, ["document_type"], view.signal, async () => {
    look = await lookOf(textOf(model, "document_type"));
    addStyle(view.el, look.name, look.css);
    frame.update();
  });
}
