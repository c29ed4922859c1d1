// Tells the kernel what was pasted, or dropped from elsewhere: at the school's existing backend a version of code says so.
import { type Extension, Prec } from "@codemirror/state";
import { ViewPlugin } from "@codemirror/view";
import type { LiveSession } from "../live/live-session";

/** Text that comes from elsewhere; what is dragged to another place of its own text is a “move”. */
const FROM_ELSEWHERE = ["input.paste", "input.drop"];

/** Before the edit itself goes out. An edit that goes straight to a hub of ours is told to nobody: it keeps no such mark. */
export function tellPastes({ channel, live }: LiveSession): Extension {
  const teller = ViewPlugin.define(() => ({
    update({ transactions }) {
      const isPasted = transactions.some(
        (each) => each.docChanged && FROM_ELSEWHERE.some((event) => each.isUserEvent(event)),
      );
      if (isPasted && !live.hasLane) channel.send("pasted", { peer: channel.peer });
    },
  }));
  return Prec.highest(teller);
}
