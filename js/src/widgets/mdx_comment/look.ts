// A thread of comments for whoever watches it.
import { html } from "lit-html";
import { textIn } from "../../document/delta-text";
import { talkLook } from "../../document/talk-look";
import { momentWords } from "../../text/moments";
import { t } from "../../text/words";
import { markIn } from "./mark";
import css from "./style.css";

export const look = talkLook("comments", css, (data, { name, createdAt }) => {
  const isResolved = markIn(data);
  if (isResolved === null) return textIn(data);
  const words = { who: name, time: momentWords(createdAt) };
  return html`${isResolved ? t("Resolved by {who}, {time}", words) : t("Opened again by {who}, {time}", words)}`;
});
