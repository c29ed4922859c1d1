// What can be done about a refusal is loaded when it is said: most pages meet none.

type Advice = typeof import("./advice");

/** `say` is called when it is here; without it nothing is said. */
export function advising(say: (advice: Advice) => void): void {
  import("./advice").then(say, () => {});
}
