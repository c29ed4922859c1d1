// What is done with untold texts: they are kept, and those that earlier pages have left are brought back: shown in the cell
// where its file has nothing newer, else merged into the document. Loaded where there is something to keep or bring back.
import type { OpenDocument } from "./open-document";
import type { Beside, Left, Untold } from "./untold";
import type { UntoldText } from "./untold-store";

/** So many texts of a file are known again. */
const MOST_FILES = 20;

let count = 0;

async function named({ document, texts }: Untold): Promise<string> {
  count += 1;
  return `${document}\n${await texts.user()}\n${count} ${texts.store.page}`;
}

/** In the place of what was kept of the cell before. */
export async function keep(untold: Untold, text: string): Promise<void> {
  const { kept, texts } = untold;
  // An empty cell says nothing.
  if (!text.trim()) {
    await forget(untold, false);
    return;
  }
  kept.name ||= await named(untold);
  texts.held.add(kept.name);
  // The first is what the others were made of.
  const [first = "", ...later] = kept.files;
  kept.files = [first, ...later.slice(-MOST_FILES)];
  const { base, files } = kept;
  await texts.store.keep(kept.name, { text, base, files, at: Date.now() });
  kept.text = text;
  untold.isKeeping = !untold.isOver;
}

export async function forget(untold: Untold, isTold: boolean): Promise<void> {
  const { document, kept, texts } = untold;
  const { files, name, text } = kept;
  kept.text = null;
  if (isTold) {
    // The document has all of what these files hold: where they are opened again, that is no news.
    const { told } = await texts.left(document);
    const all = [...new Set([...told, ...files])].slice(-MOST_FILES);
    const entry = `${document}\n${await texts.user()}\n${untold.told}`;
    await texts.store.keep(entry, { text: "", base: undefined, files: all, at: Date.now() });
  }
  if (text !== null) await texts.store.forget(name);
}

/** Make an entry that somebody has left that of a cell. */
function take(untold: Untold, name: string): Promise<UntoldText | null> {
  const { document, kept, texts } = untold;
  return untold.next(async () => {
    const own = await named(untold);
    texts.held.add(own);
    const { told } = await texts.left(document);
    const taken = await texts.store.take(name, own);
    if (!taken) return null;
    const { files, text } = taken;
    // The document may have the beginning of it from elsewhere.
    const base = files.filter((file) => told.includes(file)).at(-1) ?? taken.base;
    Object.assign(kept, { name: own, base: base ?? kept.base, files, text });
    return { ...taken, base };
  });
}

/** Show the newest that goes on from what the file holds, which is what the cell came with; whether it differs from that. */
export async function show(untold: Untold, left: Left, came: string): Promise<boolean> {
  for (const [name, { files, text }] of left.untold) {
    const isNews = text === came || files.includes(came);
    const taken = isNews ? await take(untold, name) : null;
    if (taken) return put(untold, taken.text, came);
  }
  return false;
}

function put(untold: Untold, text: string, came: string): boolean {
  const held = untold.source.toString();
  // The user may be typing already.
  return untold.show(held === came ? text : untold.joined(came, held, text));
}

/** Merge all into the document, up to one that cannot be: that is shown beside it. */
export async function bringIn(
  untold: Untold,
  left: Left,
  document: OpenDocument,
  beside: Beside,
): Promise<void> {
  for (const [name] of left.untold) {
    const { live } = document;
    if (beside.aside || !live.isSynced) return;
    const taken = await take(untold, name);
    const shared = live.text;
    // What is taken and cannot be brought in now is found by the next page.
    if (beside.aside || !shared || !live.isSynced) return;
    if (!taken) continue;
    const { aside, push } = untold.reconcile({
      local: taken.text,
      shared: shared.toString(),
      base: taken.base ?? taken.files.find((text) => text === shared.toString()),
      isWritable: live.isWritable,
    });
    if (aside) {
      beside.setAside(aside);
      return;
    }
    if (push !== undefined) document.write(shared, push);
    await document.keepNow();
    await untold.forget(true);
  }
}
