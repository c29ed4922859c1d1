// A drawing of the platform: the picture that it holds, and what it is made of as it is stored.
import { html, nothing } from "lit-html";
import type { Look } from "../../document/look";
import { isObject } from "../../document/objects";
import { t } from "../../text/words";

/** Data that browsers show as a picture, and in which nothing is run. */
const PICTURE = /^data:image\/(png|jpeg|gif|webp|svg\+xml)[;,]/;

export const look: Look = {
  name: "excalidoc",
  css: `.tnb-excalidoc-picture { display: block; max-width: calc(100% - 20px); max-height: 60vh; margin: 8px 10px; background: #fff;
  border: 1px solid var(--tnb-line); }`,
  draw({ data, json, title }) {
    const { image, ...rest } = isObject(data) ? data : { image: null };
    const isPicture = typeof image === "string" && PICTURE.test(image);
    if (!isPicture)
      return {
        body: html`<p class="tnb-look-note">${t("This drawing has no picture: it is shown as it is stored.")}</p>${json(data)}`,
      };
    const fail = ({ target }: Event) => {
      const picture = target as HTMLElement;
      picture.hidden = true;
      picture.nextElementSibling?.removeAttribute("hidden");
    };
    return {
      body: html`<img class="tnb-excalidoc-picture" src=${image} alt=${t("Drawing {title}", { title })} @error=${fail}
        ><p class="tnb-look-note" hidden>${t("The picture in this drawing is broken.")}</p>${
          Object.keys(rest).length ? json(rest, false) : nothing
        }`,
    };
  },
};
