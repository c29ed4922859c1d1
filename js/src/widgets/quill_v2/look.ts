// A formatted text for whoever watches it: what it says, with its formats.
import { html } from "lit-html";
import { textIn } from "../../document/delta-text";
import { deltaStyle, deltaView } from "../../document/delta-view";
import type { Look } from "../../document/look";
import { textLook } from "../../document/text-look";

export const look: Look = {
  name: "text-look",
  css: `${textLook.css}\n${deltaStyle}`,
  draw(watched) {
    const text = textIn(watched.data);
    // Nothing at all, or nothing that this type knows.
    if (!text?.trim()) return textLook.draw({ ...watched, data: { text: text ?? watched.data } });
    return { body: html`<div class="tnb-look-text">${deltaView(watched.data)}</div>` };
  },
};
