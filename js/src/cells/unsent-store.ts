// Edits that the hub has not stored, kept in the browser: they outlive the page. So does what a file holds that was saved
// while they were under way: by the time that it is opened again they are in the hub's text, and no news. One entry for each page, document and
// person; edits of a page that still lives may be sent twice, which changes nothing.
import { createStore, del, entries, set, type UseStore } from "idb-keyval";

export interface KeptEdits {
  /** The edits, as one Yjs update; null when the hub has stored all of them. */
  update: Uint8Array | null;
  /** The text without and with them, for a document in which the update means nothing. */
  base: string;
  local: string;
  /** What a notebook's file holds that was saved before the hub had all of it, and has not been saved since. */
  saved?: string;
}

/** Where edits are kept. */
export interface EditStore {
  /** Keep the edits of this page in the place of its former ones; null when all are stored. */
  keep(document: string, user: string, edits: KeptEdits | null): Promise<void>;
  /** Edits of this person that other pages have left, with what forgets them. */
  left(document: string, user: string): Promise<[KeptEdits, () => Promise<void>][]>;
}

export class UnsentStore implements EditStore {
  private readonly page = Math.random().toString(36).slice(2);

  constructor(private readonly store: UseStore = createStore("teaching_nb", "unsent")) {}

  async keep(document: string, user: string, edits: KeptEdits | null): Promise<void> {
    const key = `${document} ${user} ${this.page}`;
    await (edits ? set(key, edits, this.store) : del(key, this.store));
  }

  async left(document: string, user: string): Promise<[KeptEdits, () => Promise<void>][]> {
    const all = await entries<string, KeptEdits>(this.store);
    const ours = all.filter(
      ([key]) => key.startsWith(`${document} ${user} `) && !key.endsWith(` ${this.page}`),
    );
    return ours.map(([key, edits]) => [edits, () => del(key, this.store)]);
  }
}
