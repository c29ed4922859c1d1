// What people say to each other, for whoever watches it: what lies below a document, oldest first.
import { html, type TemplateResult } from "lit-html";
import { t } from "../text/words";
import { fitting } from "./fitting";
import type { Look, Related } from "./look";
import { talkHead, talkStyle, talkText } from "./talk";
import { withNote } from "./watched-look";

/** As many as the newest that a chat itself shows. */
const MOST = 200;

/** What was not said, but done. */
export class Done {
  constructor(readonly words: TemplateResult) {}
}

/** `defaults` are what a document of the type holds at first; `textOf` is null for what is no text. */
export function talkLook(
  name: string,
  css: string,
  defaults: object,
  textOf: (data: unknown, one: Related) => string | null | TemplateResult | Done,
): Look {
  const row = (one: Related) => {
    const text = textOf(one.data, one);
    if (text instanceof Done) return html`<li class="tnb-talk-note">${text.words}</li>`;
    const head = talkHead({ name: one.name, at: one.createdAt, isMine: false });
    return html`<li class=${`tnb-${name}-one`}>${head}${talkText(text)}</li>`;
  };
  return {
    name: `${name}-look`,
    css: `${talkStyle}\n${css}`,
    needsRelated: true,
    draw({ data, json, related, title }) {
      const said = related.filter((one) => one.isBelow).slice(-MOST);
      const parts = {
        body: html`<div class=${`tnb-talk-list tnb-${name}-list`} role="log" tabindex="0" aria-label=${title}>${
          said.length
            ? html`<ol>${said.map(row)}</ol>`
            : html`<p class="tnb-talk-note">${t("Nobody has said anything yet.")}</p>`
        }</div>`,
      };
      return withNote(parts, fitting(defaults, data).misfits, () => json(data, false));
    },
  };
}
