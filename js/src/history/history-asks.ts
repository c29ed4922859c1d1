// What the history of a text is asked for. The kernel answers for a widget, the hub for a live cell.

export interface VersionEntry {
  number: number;
  kind: "start" | "edit" | "restore";
  /** When it was edited last, as ISO 8601. */
  at: string;
  authors: string[];
  /** Something was pasted; the existing backend alone knows. */
  isPasted?: boolean;
}

/** The history of one text. Its answers reject with `Refused` and a sentence. */
export interface Past {
  /** Whose history it is. */
  readonly title: string;
  /** What the editor shows now. */
  present(): string;
  mayLook(): boolean;
  mayRestore(): boolean;
  /** Who edited when, oldest first. */
  versions(): Promise<VersionEntry[]>;
  text(number: number): Promise<string>;
  /** Bring a version back, as a new one. */
  restore(number: number): Promise<void>;
  /** Why no answer comes for longer than usual; empty when nothing is known. */
  delay(): string;
  /** `listener` is called when somebody may look or restore, and could not, or the other way. */
  onChange(listener: () => void, signal: AbortSignal): void;
}
