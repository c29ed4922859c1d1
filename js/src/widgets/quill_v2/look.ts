// A formatted text for whoever watches it: what it says.
import { textIn } from "../../document/delta-text";
import type { Look } from "../../document/look";
import { textLook } from "../../document/text-look";

export const look: Look = {
  ...textLook,
  draw: (watched) => textLook.draw({ ...watched, data: { text: textIn(watched.data) ?? watched.data } }),
};
