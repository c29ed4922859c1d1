// Live text with yjs: two tabs sync, both edit, both converge; updates travel as binary attachments.

import * as Y from "yjs";
import { ask, connect, next, run, scene } from "./session.mjs";

class Tab {
  constructor(socket) {
    this.socket = socket;
    this.doc = new Y.Doc();
    this.answers = [];
    this.kinds = new Set();
    socket.on("DOCUMENT_UPDATE", ({ update }) => {
      this.kinds.add(update.constructor.name);
      Y.applyUpdate(this.doc, new Uint8Array(update), "remote");
    });
  }

  get code() {
    return this.doc.getMap("data").get("code");
  }

  async open() {
    const stateVector = Y.encodeStateVector(this.doc);
    const answer = await ask(this.socket, "SYNC_DOCUMENT", { id: scene.documentId, stateVector });
    Y.applyUpdate(this.doc, new Uint8Array(answer.update), "remote");
    this.doc.on("update", (update, origin) => {
      if (origin !== "remote") {
        this.answers.push(ask(this.socket, "UPDATE_DOCUMENT", { id: scene.documentId, update }));
      }
    });
    return answer;
  }
}

await run(async () => {
  const ada = new Tab(await connect());
  const bob = new Tab(await connect());
  const opened = await ada.open();
  await bob.open();

  const bobHears = next(bob.socket, "DOCUMENT_UPDATE");
  const adaHears = next(ada.socket, "DOCUMENT_UPDATE");
  ada.code.insert(0, "# ada 😀\n");
  bob.code.insert(bob.code.length, "# bob");
  const acknowledged = await Promise.all([...ada.answers, ...bob.answers]);
  await Promise.all([bobHears, adaHears]);

  return {
    access: opened.access,
    revisions: acknowledged.map((answer) => answer.revision).sort(),
    isOk: acknowledged.every((answer) => answer.ok),
    kinds: [...ada.kinds, ...bob.kinds],
    texts: [ada.code.toString(), bob.code.toString()],
    pending: ada.doc.store.pendingStructs === null && bob.doc.store.pendingStructs === null,
  };
});
