// The history of a widget's text, as its kernel tells it.

import { kernelStatus } from "../jupyter/manager";
import { followTraits, textOf } from "../jupyter/widget";
import type { LiveSession } from "../live/live-session";
import { mayWrite } from "../status/saved-model";
import { t } from "../text/words";
import type { Past, VersionEntry } from "./history-asks";

export class KernelPast implements Past {
  constructor(private readonly session: LiveSession) {}

  get title(): string {
    return textOf(this.session.model, "title");
  }

  present(): string {
    return this.session.live.text?.toString() ?? "";
  }

  mayLook(): boolean {
    return this.session.model.get("has_history") === true;
  }

  mayRestore(): boolean {
    return mayWrite(this.session.model);
  }

  async versions(): Promise<VersionEntry[]> {
    const { value } = await this.session.channel.ask("history", {});
    return [...(value as { versions: VersionEntry[] }).versions].reverse();
  }

  async text(number: number): Promise<string> {
    const { value } = await this.session.channel.ask("version", { number });
    return String((value as { text: unknown }).text);
  }

  async restore(number: number): Promise<void> {
    await this.session.channel.ask("restore", { number });
  }

  delay(): string {
    return kernelStatus(this.session.model) === "busy"
      ? t("The kernel is busy: the history comes when the running cell has ended.")
      : "";
  }

  onChange(listener: () => void, signal: AbortSignal): void {
    followTraits(this.session.model, ["access"], signal, listener);
  }
}
