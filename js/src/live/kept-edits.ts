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

/** Versions that could not be merged; none is put in the place of another. */
class KeptVersions {
  private readonly texts = new Map<string, string[]>();

  keep(key: string, texts: string[]): void {
    this.texts.set(key, [...new Set([...this.of(key), ...texts])]);
  }

  of(key: string): string[] {
    return this.texts.get(key) ?? [];
  }

  forget(key: string, text: string): void {
    this.texts.set(
      key,
      this.of(key).filter((kept) => kept !== text),
    );
  }

  take(key: string): string[] {
    const texts = this.of(key);
    this.texts.delete(key);
    return texts;
  }
}

/** Of this page; keys name a document and a person. */
export const keptEdits = new KeptEdits();
export const keptVersions = new KeptVersions();
