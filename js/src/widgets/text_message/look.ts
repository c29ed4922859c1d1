// A message of a chat, watched by itself.
export { textLook as look } from "../../document/text-look";
