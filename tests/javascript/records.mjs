// A PUT by one tab: the other tab hears CHANGED_DOCUMENT, the sender's own socket does not.

import { ask, connect, next, request, run, scene } from "./session.mjs";

await run(async () => {
  const refused = await connect("wrong").then(
    () => "let in",
    (error) => error.message,
  );
  const [tab, otherTab] = [await connect(), await connect()];
  const echoes = [];
  tab.on("CHANGED_DOCUMENT", (payload) => echoes.push(payload));
  const heard = next(otherTab, "CHANGED_DOCUMENT");

  const put = await request(
    "PUT",
    `/documents/${scene.documentId}`,
    { data: { code: "from JavaScript" } },
    { "x-metadata-sid": tab.id },
  );
  const changed = await heard;
  const joined = await ask(tab, "JOIN_ROOM", scene.roomId);
  return { refused, status: put.status, changed, echoes: echoes.length, joined };
});
