// The history of a live cell, as the hub tells it.

import type { Past, VersionEntry } from "../history/history-asks";
import { Refused } from "../jupyter/channel";
import { phrase } from "../text/words";
import { TEXT_KEYS } from "./mark";
import type { Hub } from "./open-documents";
import { Refusal } from "./refusal";
import type { ShownText } from "./shown-text";

/** A version as the hub lists it. */
export interface ListedVersion {
  number: number;
  kind: VersionEntry["kind"];
  createdAt: string;
  authors: { name: string }[];
}

export class HubPast implements Past {
  constructor(
    private readonly cell: ShownText,
    private readonly hub: Hub,
  ) {}

  get title(): string {
    return this.cell.mark.document;
  }

  present(): string {
    return this.cell.live?.text?.toString() ?? "";
  }

  mayLook(): boolean {
    return this.cell.isLive && (this.cell.isWritable || this.cell.me?.isElevated === true);
  }

  mayRestore(): boolean {
    return this.cell.isLive && this.cell.isWritable;
  }

  async versions(): Promise<VersionEntry[]> {
    const listed = await answer(this.hub.versions(this.id));
    return listed
      .map(({ number, kind, createdAt, authors }) => ({
        number,
        kind,
        at: createdAt,
        authors: authors.map(({ name }) => name),
      }))
      .reverse();
  }

  async text(number: number): Promise<string> {
    const data = (await answer(this.hub.version(this.id, number))) as Record<string, unknown>;
    return String(data[TEXT_KEYS[this.cell.mark.type]] ?? "");
  }

  async restore(number: number): Promise<void> {
    await answer(this.hub.restore(this.id, number));
  }

  delay(): string {
    return "";
  }

  onChange(listener: () => void, signal: AbortSignal): void {
    this.cell.onChange(listener, signal);
  }

  private get id(): string {
    return this.cell.opened?.id ?? "";
  }
}

/** What the hub answers; whatever goes wrong is said in words. */
async function answer<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    throw new Refused(error instanceof Refusal ? error.message : phrase("the hub cannot be reached"));
  }
}
