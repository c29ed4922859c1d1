// Whose documents this page hears of: all that a person has, and all that happens below a root. Used by the page's one
// connection to the hub, which sends what is asked here and passes on what is told.
import type { ChangedDocument } from "../schema/events";
import { FOLLOW_DOCUMENTS, JOIN_ROOM, LEAVE_ROOM } from "../schema/events";

/** Hears of all that somebody has, or that happens below a root, as far as the user may see it. */
export interface DocumentsListener {
  /** What one document holds now; it may be anybody's. */
  onDocument(change: ChangedDocument): void;
  /** There may be other documents now, or the page has just begun to hear of them. */
  onDocuments(): void;
}

/** Sends an event if there is a connection; `answer` is called when the hub answers. */
type Send = (event: string, payload: object | string, answer?: (ack: unknown) => void) => void;

export class FollowedDocuments {
  /** Person → who listens to what they have. */
  private readonly people = new Map<string, Set<DocumentsListener>>();
  /** Root → who listens to what happens below it. */
  private readonly roots = new Map<string, Set<DocumentsListener>>();
  /** Those of which the hub tells us. */
  private readonly heardPeople = new Set<string>();
  private readonly heardRoots = new Set<string>();

  constructor(private readonly send: Send) {}

  followPerson(user: string, listener: DocumentsListener): void {
    if (isFirst(this.people, user, listener)) this.askForPerson(user);
    else listener.onDocuments();
  }

  unfollowPerson(user: string, listener: DocumentsListener): void {
    if (!isLast(this.people, user, listener)) return;
    this.heardPeople.delete(user);
    this.send(FOLLOW_DOCUMENTS, { userId: user, on: false });
  }

  hearsPerson(user: string): boolean {
    return this.heardPeople.has(user);
  }

  followRoot(root: string, listener: DocumentsListener): void {
    if (isFirst(this.roots, root, listener)) this.askForRoot(root);
  }

  unfollowRoot(root: string, listener: DocumentsListener): void {
    if (!isLast(this.roots, root, listener)) return;
    this.heardRoots.delete(root);
    this.send(LEAVE_ROOM, root, () => {});
  }

  hearsRoot(root: string): boolean {
    return this.heardRoots.has(root);
  }

  /** There is a connection, of which the hub knows nothing yet. */
  askAgain(): void {
    for (const person of this.people.keys()) this.askForPerson(person);
    for (const root of this.roots.keys()) this.askForRoot(root);
  }

  /** There is no connection any more. */
  end(): void {
    this.heardPeople.clear();
    this.heardRoots.clear();
  }

  /** Each once. */
  get listeners(): Set<DocumentsListener> {
    const all = [...this.people.values(), ...this.roots.values()];
    return new Set(all.flatMap((listeners) => [...listeners]));
  }

  /** A hub that does not know the question never answers. */
  private askForPerson(user: string): void {
    this.send(FOLLOW_DOCUMENTS, { userId: user, on: true }, (isTold) => {
      if (isTold === true && this.people.has(user)) this.heardPeople.add(user);
      tell(this.people.get(user));
    });
  }

  private askForRoot(root: string): void {
    this.send(JOIN_ROOM, root, (isIn) => {
      if (isIn !== true || !this.roots.has(root)) return;
      this.heardRoots.add(root);
      tell(this.roots.get(root));
    });
  }
}

/** What has happened before was not told. */
function tell(listeners: Set<DocumentsListener> | undefined): void {
  for (const listener of [...(listeners ?? [])]) listener.onDocuments();
}

type Listeners = Map<string, Set<DocumentsListener>>;

function isFirst(all: Listeners, key: string, listener: DocumentsListener): boolean {
  const listeners = (all.get(key) ?? new Set()).add(listener);
  all.set(key, listeners);
  return listeners.size === 1;
}

function isLast(all: Listeners, key: string, listener: DocumentsListener): boolean {
  const listeners = all.get(key);
  if (!listeners?.delete(listener) || listeners.size) return false;
  return all.delete(key);
}
