// What the Jupyter server says when it cannot connect us. The same value as in schema/closing.py.

/** The reason when it has found no hub: trying again soon is no burden to anybody. */
export const NOBODY_THERE = "hub unavailable";
