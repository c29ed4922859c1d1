// Chat rooms as this page knows them: which there are, what is said in the one that is shown, and the form of a teacher.
import { ChatSession, type ShownChat } from "../../document/chat-session";
import type { Model } from "../../jupyter/widget";
import { DYNAMIC_DOCUMENT_ROOTS, type DynamicDocumentRoots } from "../../schema/types/dynamic_document_roots";

export interface Room {
  id: string;
  name: string;
  mayWrite: boolean;
  /** When others have said something, of the newest messages. */
  news: string[];
}

interface Choice {
  id: string;
  name: string;
  takesPart: boolean;
}

export interface GroupChoice extends Choice {
  people: Choice[];
}

/** What a teacher fills in to make a room, or to change one. */
export interface Form {
  /** The room that is changed; empty for a new one. */
  room: string;
  name: string;
  /** Who can be let in; null until the kernel has said so. */
  groups: GroupChoice[] | null;
  isForEverybody: boolean;
}

interface ShownRooms extends ShownChat {
  room: string;
  rooms: Room[];
  isLoaded: boolean;
}

export class RoomsSession extends ChatSession<DynamicDocumentRoots, ShownRooms> {
  rooms: Room[] = [];
  /** Whether it is known which there are. */
  isLoaded = false;
  form: Form | null = null;
  /** The room that the user has asked to close and not confirmed; empty for none. */
  doomed = "";
  /** The room that has gone while it was shown: what it was called, and what was being written there. */
  gone: { name: string; unsent: string } | null = null;

  constructor(model: Model, signal: AbortSignal) {
    super(model, signal, DYNAMIC_DOCUMENT_ROOTS, "rooms");
  }

  get chosen(): Room | undefined {
    return this.rooms.find(({ id }) => id === this.room);
  }

  get isStaff(): boolean {
    return this.model.get("is_staff") === true;
  }

  override get canWrite(): boolean {
    return this.chosen?.mayWrite === true && !this.signal.aborted;
  }

  /** How many messages of others in a room the user has not read. */
  newIn({ id, news }: Room): number {
    const until = this.readUntil(id);
    return news.filter((at) => at > until).length;
  }

  async choose(room: string): Promise<void> {
    [this.room, this.all, this.left, this.form, this.doomed, this.gone] = [room, [], 0, null, "", null];
    this.listeners.tell();
    await this.load();
  }

  /** Show the form, of a new room where none is named. */
  async openForm(room = ""): Promise<void> {
    const form: Form = { room, name: this.chosen?.name ?? "", groups: null, isForEverybody: false };
    if (!room) form.name = "";
    this.form = form;
    this.listeners.tell();
    await this.ask(async () => {
      Object.assign(form, (await this.document.channel.ask("room_people", { room })).value);
    });
  }

  closeForm(): void {
    this.form = null;
    this.listeners.tell();
  }

  /** Make or change a room as the form says; false when that was refused. `close` has the room shown in its place. */
  async submit(filled: FormData, close: (show: () => void) => void): Promise<boolean> {
    const { room = "" } = this.form ?? {};
    const everybody = filled.has("everybody");
    const chosen = (name: string) => (everybody ? [] : filled.getAll(name).map(String));
    const name = String(filled.get("name"));
    const content = { room, name, everybody, groups: chosen("group"), people: chosen("person") };
    return this.ask(async () => {
      const { value } = await this.document.channel.ask("change_room", content);
      let loaded: Promise<void> | undefined;
      close(() => {
        loaded = this.choose((value as { room: string }).room);
      });
      await loaded;
    });
  }

  /** Ask whether a room is to be closed; empty: keep it. */
  doom(room: string): void {
    this.doomed = room;
    this.listeners.tell();
  }

  async closeRoom(room: string): Promise<void> {
    await this.ask(async () => {
      await this.document.channel.ask("close_room", { room });
      await this.load();
    });
  }

  protected get place(): string {
    return this.room;
  }

  protected override take(shown: ShownRooms): void {
    const { name = "" } = this.chosen ?? {};
    [this.rooms, this.isLoaded] = [shown.rooms, shown.isLoaded];
    if (shown.room === this.room) super.take(shown);
    const [only, ...others] = this.rooms;
    const next = only && !others.length ? only.id : "";
    if (this.room && !this.chosen) {
      const isClosedHere = this.room === this.doomed;
      const gone = { name, unsent: this.draft(this.room) };
      void this.choose(isClosedHere ? next : "");
      this.gone = isClosedHere && !gone.unsent.trim() ? null : gone;
    } else if (!this.room && next && !this.form && !this.gone) {
      void this.choose(next);
    }
  }
}
