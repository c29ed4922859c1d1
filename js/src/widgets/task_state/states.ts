// The states of a task in symbols and words.
import { t } from "../../text/words";

interface StateShown {
  symbol: string;
  words: string;
}

const STATES: Record<string, () => StateShown> = {
  unset: () => ({ symbol: "☐", words: t("Open @state") }),
  checked: () => ({ symbol: "☑", words: t("Done") }),
  question: () => ({ symbol: "?", words: t("Question") }),
  star: () => ({ symbol: "★", words: t("Star") }),
  "star-half": () => ({ symbol: "½★", words: t("Half a star") }),
  "star-empty": () => ({ symbol: "☆", words: t("Empty star") }),
  "clock-check": () => ({ symbol: "◴", words: t("Waiting for the solution") }),
  "progress-check": () => ({ symbol: "◐", words: t("Ready to compare") }),
};

export function describeState(state: string): StateShown {
  return STATES[state]?.() ?? { symbol: "·", words: state };
}

/** Whether the solution that one compares with may be seen; empty for a task without one. */
export type Solution = "" | "open" | "closed";

/** What is shown for a state: whoever is ready to compare waits while the solution is closed. */
export function shownState<S extends string>(state: S, solution: Solution): S | "clock-check" {
  return state === "progress-check" && solution === "closed" ? "clock-check" : state;
}

/** The states that can be reached: nobody has compared while the solution is closed. */
export function reachable<S extends string>(states: readonly S[], solution: Solution): readonly S[] {
  return solution === "closed" ? states.filter((state) => state !== "checked") : states;
}

/** The state that a press leads to; one that is not in the list leads to the first. */
export function nextState<State extends string>(states: readonly State[], state: State): State {
  return states[(states.indexOf(state) + 1) % states.length] ?? state;
}
