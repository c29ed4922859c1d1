// The states of a task in symbols and words.

interface StateShown {
  symbol: string;
  words: string;
}

const STATES: Record<string, StateShown> = {
  unset: { symbol: "☐", words: "Open" },
  checked: { symbol: "☑", words: "Done" },
  question: { symbol: "?", words: "Question" },
  star: { symbol: "★", words: "Star" },
  "star-half": { symbol: "½★", words: "Half a star" },
  "star-empty": { symbol: "☆", words: "Empty star" },
  "clock-check": { symbol: "◴", words: "Later" },
  "progress-check": { symbol: "◐", words: "In progress" },
};

export function describeState(state: string): StateShown {
  return STATES[state] ?? { symbol: "·", words: state };
}

/** The state that a press leads to; one that is not in the list leads to the first. */
export function nextState<State extends string>(states: readonly State[], state: State): State {
  return states[(states.indexOf(state) + 1) % states.length] ?? state;
}
