// How the last run of a cell has ended, as its teachers get to know it. Pure.

import { LAST_RUN, LAST_RUN_OUTPUT_BYTES, type LastRun, type RunStatus } from "../schema/types/last_run";
import { numberWords, spokenLanguage, t } from "../text/words";

/** What is kept of a run. */
export type Outcome = Pick<LastRun, "status" | "error" | "line">;

/** An output as a notebook's file has it. */
interface Output {
  output_type?: unknown;
  name?: unknown;
  text?: unknown;
  data?: unknown;
  ename?: unknown;
  traceback?: unknown;
}

export interface EndedRun {
  /** The kernel ended, or was started again, before the code did. */
  isKernelGone: boolean;
  isSuccess: boolean;
  startedAt: number;
  endedAt: number;
  outputs: unknown[];
}

export function lastRun({ endedAt, isKernelGone, isSuccess, outputs, startedAt }: EndedRun): LastRun {
  const kept = cut(outputs);
  return {
    ...LAST_RUN,
    ...(isKernelGone ? { status: "died" as const } : outcomeOf(outputs, isSuccess)),
    startedAt: new Date(startedAt).toISOString(),
    duration: Math.max(0, endedAt - startedAt) / 1000,
    outputs: kept,
    isCut: JSON.stringify(kept) !== JSON.stringify(outputs),
  };
}

/** “✓ ran in 0.2 s”, “✗ NameError in line 3” */
export function describeLastRun({ duration, error, line, status }: LastRun): {
  symbol: string;
  words: string;
} {
  switch (status) {
    case "ok":
      return { symbol: "✓", words: t("ran in {seconds} s", { seconds: seconds(duration) }) };
    case "error":
      return { symbol: "✗", words: errorWords(error || t("error"), line) };
    case "interrupted":
      return { symbol: "■", words: t("interrupted") };
    case "died":
      return { symbol: "✗", words: t("the kernel ended") };
    default:
      return { symbol: "", words: "" };
  }
}

/** What a document of this type holds, as far as it can be understood. */
export function lastRunIn(data: unknown): LastRun {
  const { duration, error, line, status } = (data ?? {}) as Partial<Record<keyof LastRun, unknown>>;
  const known: RunStatus[] = ["ok", "error", "interrupted", "died"];
  return {
    ...LAST_RUN,
    status: known.find((one) => one === status) ?? "none",
    error: typeof error === "string" ? error : "",
    line: typeof line === "number" ? line : 0,
    duration: typeof duration === "number" ? duration : 0,
  };
}

function outcomeOf(outputs: unknown[], isSuccess: boolean): Outcome {
  if (isSuccess) return { status: "ok", error: "", line: 0 };
  const errors = (outputs as Output[]).filter((output) => output?.output_type === "error");
  const { ename, traceback } = errors.at(-1) ?? {};
  const error = typeof ename === "string" ? ename : "";
  const status = error === "KeyboardInterrupt" ? "interrupted" : "error";
  return { status, error, line: lineIn(traceback) };
}

/** The innermost line of the cell that a traceback of IPython names; 0 when it names none. */
function lineIn(traceback: unknown): number {
  const text = Array.isArray(traceback) ? traceback.join("\n") : "";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: IPython colours its tracebacks.
  const plain = text.replace(/\u001b\[[0-9;]*m/g, "");
  const lines = [...plain.matchAll(/(?:Cell In\[\d+\], line |<ipython-input-[^>]*>[^\n]*line )(\d+)/g)];
  return Number(lines.at(-1)?.[1] ?? 0);
}

/** The first outputs, up to the limit: of what does not fit, text is cut and pictures are left out. */
function cut(outputs: unknown[]): unknown[] {
  const kept: unknown[] = [];
  let left = LAST_RUN_OUTPUT_BYTES;
  for (const output of outputs as Output[]) {
    const fitting = sizeOf(output) <= left ? output : shortened(output, left);
    if (!fitting) break;
    kept.push(fitting);
    left -= sizeOf(fitting);
  }
  return kept;
}

/** What of an output fits into so many bytes; null when that is nothing worth keeping. */
function shortened(output: Output, bytes: number): Output | null {
  const text = Array.isArray(output?.text) ? output.text.join("") : output?.text;
  if (typeof text === "string") {
    const start = startOf(text, bytes - sizeOf({ ...output, text: "" }));
    return start ? { ...output, text: start } : null;
  }
  const { "text/plain": plain } = (output?.data ?? {}) as Record<string, unknown>;
  const small = plain === undefined ? null : { ...output, data: { "text/plain": plain } };
  return small && sizeOf(small) <= bytes ? small : null;
}

/** The start of a text, in whole characters, that takes at most so many bytes as JSON. */
function startOf(text: string, bytes: number): string {
  let [end, used] = [0, 0];
  for (const character of text) {
    used += sizeOf(character) - 2;
    if (used > bytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}

function sizeOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value) ?? "").length;
}

function errorWords(error: string, line: number): string {
  return line ? t("{error} in line {line}", { error, line }) : error;
}

/** So long a run may take that its seconds are written out. */
const MOST_SECONDS = 1e15;

function seconds(duration: number): string {
  const digits = duration < 10 ? 1 : 0;
  // Another program may have stored any number.
  if (duration >= MOST_SECONDS) return numberWords(duration);
  return duration.toLocaleString(spokenLanguage(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
