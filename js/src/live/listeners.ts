// Who wants to be told of something, each until its signal aborts.

export class Listeners {
  private readonly listeners = new Set<() => void>();

  add(listener: () => void, signal: AbortSignal): void {
    this.listeners.add(listener);
    signal.addEventListener("abort", () => this.listeners.delete(listener));
  }

  tell(): void {
    for (const listener of this.listeners) listener();
  }
}
