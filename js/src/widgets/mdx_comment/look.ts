// A thread of comments for whoever watches it.
import { html } from "lit-html";
import { deltaStyle, deltaView } from "../../document/delta-view";
import { Done, talkLook } from "../../document/talk-look";
import { MDX_COMMENT } from "../../schema/types/mdx_comment";
import { momentWords } from "../../text/moments";
import { t } from "../../text/words";
import { markIn } from "./mark";
import css from "./style.css";

export const look = talkLook(
  "comments",
  `${deltaStyle}\n${css}`,
  MDX_COMMENT,
  (data, { name, createdAt }) => {
    const isResolved = markIn(data);
    if (isResolved === null) return deltaView(data);
    const words = { who: name, time: momentWords(createdAt) };
    return new Done(
      html`${isResolved ? t("Resolved by {who}, {time}", words) : t("Opened again by {who}, {time}", words)}`,
    );
  },
);
