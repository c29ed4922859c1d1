// A list of chat rooms for whoever watches it: each room is seen by those who take part.
import { html } from "lit-html";
import type { Look } from "../../document/look";
import { symbol } from "../../ui/elements";
import { numberWords } from "./number";

export const look: Look = {
  name: "chat-rooms-look",
  css: "",
  draw: ({ data, json }) => ({
    body: html`<p class="tnb-look-note">${symbol("ℹ")} ${numberWords(data)}</p>${json(data, false)}`,
  }),
};
