// Where this page's cursor is, told to the others; and what is known of theirs. Belongs to one Y.Doc.
import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from "y-protocols/awareness";
import type * as Y from "yjs";
import { colorsOf } from "./people";
import { Timer } from "./timer";

const EVERY = 100;
/** A page that is still there so long after it was about to go has stayed. */
const STAYS_AFTER = 3_000;

/** Origin of what others say. */
const REMOTE = "remote";

export interface AwarenessOptions {
  me: () => { id?: string; name?: string };
  /** Send a state on whatever road there is. */
  tell: (state: Uint8Array) => void;
  /** Whether anybody is to know of us. */
  isShown: () => boolean;
  changed: () => void;
}

export class OwnAwareness {
  readonly awareness: Awareness;
  private readonly timer = new Timer(() => this.send());

  constructor(
    doc: Y.Doc,
    private readonly options: AwarenessOptions,
  ) {
    this.awareness = new Awareness(doc);
    this.awareness.on("update", (_changes: unknown, origin: unknown) => {
      if (origin !== REMOTE && !this.timer.isWaiting) this.timer.start(EVERY);
      options.changed();
    });
  }

  /** Not the document's: Yjs gives that another one when somebody else writes under it. */
  private get client(): number {
    return this.awareness.clientID;
  }

  take(state: Uint8Array): void {
    applyAwarenessUpdate(this.awareness, state, REMOTE);
  }

  present(): void {
    const { id = "", name = "" } = this.options.me();
    const state = this.awareness.getLocalState() ?? {};
    this.awareness.setLocalState({ ...state, user: { id, name, ...colorsOf(id) } });
  }

  send(): void {
    if (this.options.isShown()) this.options.tell(encodeAwarenessUpdate(this.awareness, [this.client]));
  }

  /** Tell the others that nobody looks here any more. */
  remove(): void {
    this.timer.cancel();
    if (!this.options.isShown()) return;
    removeAwarenessStates(this.awareness, [this.client], REMOTE);
    this.options.tell(encodeAwarenessUpdate(this.awareness, [this.client], new Map()));
  }

  /**
   * The page is about to go. What it says while it goes may not arrive, so it says now that nobody looks; if the
   * user stays after all, the others see them again.
   */
  stepAside(): void {
    if (!this.options.isShown()) return;
    this.options.tell(encodeAwarenessUpdate(this.awareness, [this.client], new Map()));
    setTimeout(() => {
      const state = this.awareness.getLocalState();
      if (state && this.options.isShown()) this.awareness.setLocalState(state);
    }, STAYS_AFTER);
  }

  destroy(): void {
    // Nobody tells us any more when they leave.
    const others = [...this.awareness.getStates().keys()].filter((client) => client !== this.client);
    removeAwarenessStates(this.awareness, others, REMOTE);
    this.awareness.destroy();
    this.timer.cancel();
  }
}
