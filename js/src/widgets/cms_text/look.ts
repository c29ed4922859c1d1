// Feedback as other teachers watch it.
export { textLook as look } from "../../document/text-look";
