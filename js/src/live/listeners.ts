// Who wants to be told of something that has no more to say, each until its signal aborts.

const TOLD = "told";

export class Listeners {
  private readonly told = new EventTarget();

  add(listener: () => void, signal: AbortSignal): void {
    this.told.addEventListener(TOLD, () => listener(), { signal });
  }

  tell(): void {
    this.told.dispatchEvent(new Event(TOLD));
  }
}
