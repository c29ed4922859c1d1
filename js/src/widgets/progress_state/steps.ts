// Which steps of an instruction are shown. Pure.
import type { ProgressState } from "../../schema/types/progress_state";
import { t } from "../../text/words";

export interface ShownSteps {
  /** The steps that are done, and the open one. */
  steps: string[];
  done: number;
  total: number;
}

/** So many steps are listed by their numbers: another program may have stored any. */
export const MOST_NUMBERED = 100;

/** The call counts: its steps may be others than when the document was made. An overview knows their number only. */
export function shownSteps(told: readonly string[], { progress, totalSteps }: ProgressState): ShownSteps {
  const total = told.length || countOf(totalSteps);
  const done = Math.min(countOf(progress), total);
  const open = Math.min(done + 1, total);
  // Steps without names say no more than how many they are.
  const count = told.length || open <= MOST_NUMBERED ? open : 0;
  const steps = Array.from(
    { length: count },
    (_, index) => told[index] ?? t("Step {number}", { number: index + 1 }),
  );
  return { steps, done, total };
}

/** Another client may have stored anything. */
function countOf(value: unknown): number {
  return Number.isSafeInteger(value) ? Math.max(0, value as number) : 0;
}
