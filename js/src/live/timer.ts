// A call that waits for its time. Started again while it waits, it waits anew.

export class Timer {
  private handle: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly call: () => void) {}

  get isWaiting(): boolean {
    return this.handle !== undefined;
  }

  /** Call once, in so many milliseconds. */
  start(milliseconds: number): void {
    this.cancel();
    this.handle = setTimeout(() => {
      this.handle = undefined;
      this.call();
    }, milliseconds);
  }

  cancel(): void {
    clearTimeout(this.handle);
    this.handle = undefined;
  }
}
