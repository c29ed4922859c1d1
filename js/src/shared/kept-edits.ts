// What was not saved when a kernel went away. The next widget of the same document and person on this page
// takes it over; until then it lives here.

class KeptEdits {
  private readonly updates = new Map<string, Uint8Array>();

  keep(key: string, update: Uint8Array): void {
    this.updates.set(key, update);
  }

  has(key: string): boolean {
    return this.updates.has(key);
  }

  take(key: string): Uint8Array | undefined {
    const update = this.updates.get(key);
    this.updates.delete(key);
    return update;
  }
}

/** Of this page; keys name a document and a person. */
export const keptEdits = new KeptEdits();
