// What the hub, or the Jupyter server, takes in one message; checked before sending. As in schema/limits.py.

/** Largest single live-text update. */
export const LIVE_UPDATE_BYTES = 950_000;
/** Largest `data` of a live document, as JSON. */
export const LIVE_TEXT_BYTES = 1_000_000;
/** Largest awareness state. */
export const AWARENESS_BYTES = 4_000;
/** Largest message to a kernel. */
export const KERNEL_MESSAGE_BYTES = 10_000_000;
