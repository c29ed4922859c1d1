// What the panel “Class” asks the hub for: the people, what they have, and how their last runs have ended.

import type { ListedDocument, ListedGroup, ListedUser } from "../cells/class-list";
import type { WatchingHub } from "../cells/watched-document";
import type { HubLine } from "../live/hub-line";
import type { Document } from "../schema/records";
import type { RoomsHub } from "./class-rooms";
import type { ServerHub } from "./hub";
import { LAST_RUN_TYPE } from "./kept-runs";

interface ListedRun {
  type: string;
  parentId: string | null;
  data: unknown;
}

export class ClassHub implements RoomsHub, WatchingHub {
  constructor(private readonly hub: ServerHub) {}

  get line(): HubLine {
    return this.hub.line;
  }

  async users(): Promise<ListedUser[]> {
    return (await this.hub.ask("users")) as ListedUser[];
  }

  async groups(): Promise<ListedGroup[]> {
    return (await this.hub.ask("studentGroups")) as ListedGroup[];
  }

  async documentsOf(user: string): Promise<ListedDocument[]> {
    return (await this.hub.ask(`users/${user}/documents`)) as ListedDocument[];
  }

  async document(id: string): Promise<Document | null> {
    return ((await this.hub.ask(`documents/${id}`)) as { document: Document } | null)?.document ?? null;
  }

  async documentsAt(root: string, author: string): Promise<Document[]> {
    const [theirs, seen] = await Promise.all([
      this.hub.ask("documents/multiple", { documentRootIds: [root], userId: author }) as Promise<Document[]>,
      this.hub.ask(`documentRoots/${root}`) as Promise<{ documents?: Document[] } | null>,
    ]);
    return [...new Map([...theirs, ...(seen?.documents ?? [])].map((one) => [one.id, one])).values()];
  }

  async isOfStaff(root: string): Promise<boolean> {
    const found = (await this.hub.ask(`documentRoots/${root}`)) as { access?: string } | null;
    return found?.access?.startsWith("RO_") === true;
  }

  /** What is stored of how the last runs of somebody have ended, by the documents of their cells. */
  async runsOf(user: string, roots: string[]): Promise<Map<string, unknown>> {
    const wanted = { documentRootIds: roots, userId: user };
    const found = (await this.hub.ask("documents/multiple", wanted)) as ListedRun[];
    const runs = found.filter(({ type, parentId }) => type === LAST_RUN_TYPE && parentId);
    return new Map(runs.map(({ data, parentId }) => [String(parentId), data]));
  }
}
