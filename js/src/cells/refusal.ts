// What the hub says where it does not do what it was asked for.

/** Stands in the place of a status where a document holds no text. */
export const NO_TEXT = 422;

/** The hub has answered, and does not open the document. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code = "",
    /** The document that is there instead. */
    readonly document = "",
  ) {
    super(message);
  }

  /** Whether it is about who may see or write; what this kind of hub does not have, nobody may. */
  get isOfAccess(): boolean {
    return this.code !== "NEVER_OFFERED" && (this.status === 403 || this.status === 404);
  }

  /** Asking again later may help without anybody's doing. */
  get isPassing(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}
