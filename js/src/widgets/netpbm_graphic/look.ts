// A Netpbm picture of the platform: drawn where it is short, and its text.
import { html, type TemplateResult } from "lit-html";
import { fitting } from "../../document/fitting";
import type { Look } from "../../document/look";
import { misfitNote } from "../../document/misfit-note";
import { t } from "../../text/words";
import { type Picture, pictureIn } from "./netpbm";

/** A small picture is enlarged up to this width (pixels). */
const WIDE = 240;

export const look: Look = {
  name: "netpbm",
  css: `.tnb-netpbm-picture { display: block; max-width: calc(100% - 20px); margin: 8px 10px; border: 1px solid var(--tnb-line);
  image-rendering: pixelated; }
.tnb-netpbm-text { padding: 0 10px 10px; }
.tnb-netpbm-text summary { cursor: pointer; }
.tnb-netpbm-text pre { max-height: 40vh; margin: 4px 0 0; overflow: auto; color: inherit; }`,
  draw({ data: stored, json, title }) {
    const { data, misfits } = fitting({ imageData: "" }, stored);
    if (misfits.length) return { body: misfitNote(misfits, () => json(stored, false)) };
    if (!data.imageData)
      return { body: html`${note(t("Here is no picture yet: it is shown what is stored."))}${json(stored)}` };
    const picture = pictureIn(data.imageData);
    const problem = picture
      ? picture.brightest &&
        t("Some numbers are above {most}: they are drawn as that.", { most: picture.brightest })
      : t("This is no PBM, PGM or PPM picture as text, or it is too large to be drawn.");
    return {
      body: html`${picture && canvas(picture, title)}${problem && note(problem)}<details
        class="tnb-netpbm-text" ?open=${!picture}><summary>${t("As text")}</summary><pre tabindex="0">${data.imageData}</pre></details>`,
    };
  },
};

function note(sentence: string): TemplateResult {
  return html`<p class="tnb-look-note">${sentence}</p>`;
}

function canvas({ width, height, pixels }: Picture, title: string): HTMLCanvasElement {
  const element = document.createElement("canvas");
  Object.assign(element, { className: "tnb-netpbm-picture", width, height });
  element.setAttribute("role", "img");
  element.setAttribute(
    "aria-label",
    t("Picture {title}, {width} × {height} pixels", { title, width, height }),
  );
  element.style.width = `${Math.max(width, Math.min(WIDE, width * 16))}px`;
  element.getContext("2d")?.putImageData(new ImageData(pixels, width, height), 0, 0);
  return element;
}
