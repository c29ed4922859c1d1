// The browser's store of untold texts (untold.ts): one entry for each cell and page that has typed one. A page that takes
// over what another has left makes it its own in one transaction: of two pages, one alone brings it in.
import { createStore, del, entries, promisifyRequest, set, type UseStore } from "idb-keyval";

export interface UntoldText {
  text: string;
  /** What the hub had, as the notebook's file said; undefined where it did not. */
  base: string | undefined;
  /** What the file has held meanwhile, oldest first: where it holds one of these, it has nothing newer. */
  files: string[];
  /** When it was typed (ms since 1970). */
  at: number;
}

export interface UntoldStore {
  /** Ends the names of this page's entries. */
  readonly page: string;
  /** Entries whose names begin like this, newest first, but for those of other pages that are still there. */
  left(prefix: string): Promise<[string, UntoldText][]>;
  keep(name: string, untold: UntoldText): Promise<void>;
  /** Give an entry another name; null when somebody else was faster. */
  take(name: string, own: string): Promise<UntoldText | null>;
  forget(name: string): Promise<void>;
}

export class BrowserUntoldStore implements UntoldStore {
  readonly page = Math.random().toString(36).slice(2);

  constructor(private readonly store: UseStore = createStore("teaching_nb untold", "texts")) {
    // As long as the page lives. Browsers have no locks over plain http: then pages that live are taken over from, too.
    void navigator.locks?.request(this.page, () => new Promise(() => {}));
  }

  async left(prefix: string): Promise<[string, UntoldText][]> {
    const found = await entries<string, UntoldText>(this.store);
    const named = found.filter(([name]) => name.startsWith(prefix));
    const held = (named.length && (await navigator.locks?.query())?.held) || [];
    const living = held.flatMap(({ name }) => (name && name !== this.page ? [` ${name}`] : []));
    return named
      .filter(([name]) => !living.some((page) => name.endsWith(page)))
      .sort(([, { at }], [, other]) => other.at - at);
  }

  keep(name: string, untold: UntoldText): Promise<void> {
    return set(name, untold, this.store);
  }

  /** In one transaction. */
  take(name: string, own: string): Promise<UntoldText | null> {
    return this.store("readwrite", async (texts) => {
      const found = await promisifyRequest<UntoldText | undefined>(texts.get(name));
      texts.delete(name);
      if (found) texts.put(found, own);
      await promisifyRequest(texts.transaction);
      return found ?? null;
    });
  }

  forget(name: string): Promise<void> {
    return del(name, this.store);
  }
}
