// A chat for whoever watches it.
import css from "../../document/chat.css";
import { fitting } from "../../document/fitting";
import { talkLook } from "../../document/talk-look";
import { SIMPLE_CHAT } from "../../schema/types/simple_chat";
import { TEXT_MESSAGE } from "../../schema/types/text_message";

export const look = talkLook("chat", css, SIMPLE_CHAT, (stored) => {
  const { data, misfits } = fitting(TEXT_MESSAGE, stored);
  return misfits.length ? null : data.text;
});
