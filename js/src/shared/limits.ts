// What the hub takes in one message; checked before sending. The same values as in schema/limits.py.

/** Largest single live-text update. */
export const LIVE_UPDATE_BYTES = 950_000;
/** Largest `data` of a live document, as JSON. */
export const LIVE_TEXT_BYTES = 1_000_000;
/** Largest awareness state. */
export const AWARENESS_BYTES = 4_000;
