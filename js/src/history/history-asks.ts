// Questions about the history of a document, to the kernel.
import type { Channel } from "../jupyter/channel";

export interface VersionEntry {
  number: number;
  kind: "start" | "edit" | "restore";
  /** When it was edited last, as ISO 8601. */
  at: string;
  authors: string[];
}

/** Who edited when, oldest first. */
export async function askForVersions(channel: Channel): Promise<VersionEntry[]> {
  const { value } = await channel.ask("history", {});
  return [...(value as { versions: VersionEntry[] }).versions].reverse();
}

export async function askForText(channel: Channel, number: number): Promise<string> {
  const { value } = await channel.ask("version", { number });
  return String((value as { text: unknown }).text);
}

/** Bring a version back. */
export async function restoreVersion(channel: Channel, number: number): Promise<void> {
  await channel.ask("restore", { number });
}
