// The run of a code cell as this page knows it. The kernel numbers its messages; after a gap it is asked for
// the whole output.

import { uuidv4 } from "lib0/random";
import type { Channel, Incoming } from "../../jupyter/channel";
import { afterLongWork, interruptKernel } from "../../jupyter/manager";
import type { Model } from "../../jupyter/widget";
import { follow, type Output, type Step } from "../../outputs/outputs";
import { t } from "../../text/words";
import type { Question } from "./input-field";

export type RunState = "none" | "sent" | "queued" | "running" | "done";

/** So long an interrupt may take before the front end interrupts the kernel itself. */
const INTERRUPT_PATIENCE = 1500;

type Listener = (outputs: readonly Output[]) => void;

export class RunSession {
  state: RunState = "none";
  status = "";
  count: number | null = null;
  /** Why the last run was not even sent. */
  refusal = "";
  /** What the running code asks, and waits for. */
  question: Question | null = null;
  private id = "";
  private number: number | null = null;
  private readonly listeners = new Set<Listener>();
  private outputs: readonly Output[] = [];

  constructor(
    private readonly channel: Channel,
    private readonly model: Model,
    private readonly signal: AbortSignal,
  ) {
    channel.receive((message) => {
      if (message.kind === "run") this.follow(message);
    });
    afterLongWork(model, signal, () => this.isBusy && channel.send("show_output"));
    signal.addEventListener("abort", () => {
      this.question = null;
      this.tell();
    });
  }

  get isBusy(): boolean {
    return !this.signal.aborted && this.state !== "none" && this.state !== "done";
  }

  /** `listener` draws the output, and whatever else changed. */
  listen(listener: Listener, signal: AbortSignal): void {
    this.listeners.add(listener);
    signal.addEventListener("abort", () => this.listeners.delete(listener));
    listener(this.outputs);
  }

  start(code: string): void {
    if (this.isBusy || this.signal.aborted) return;
    this.id = uuidv4();
    this.refusal = this.channel.send("run", { run: this.id, code });
    this.state = this.refusal ? "done" : "sent";
    this.status = this.refusal ? "refused" : "";
    this.tell();
  }

  /** Hand over what the user typed; of several pages the first one counts. */
  answer(question: Question, value: string): void {
    this.channel.send("input_reply", { run: this.id, number: question.number, value });
    this.question = null;
    this.tell();
  }

  interrupt(): void {
    const { id, state } = this;
    this.channel.send("interrupt", { run: id });
    if (state !== "running") return;
    // Without subshells our message waits behind the very run that it is to end.
    setTimeout(() => {
      if (this.id === id && this.state === "running") interruptKernel(this.model);
    }, INTERRUPT_PATIENCE);
  }

  clear(): void {
    this.channel.send("clear_output");
  }

  private follow(message: Incoming): void {
    const number = Number(message.number);
    const steps = (message.steps ?? []) as Step[];
    const isWhole = steps[0]?.op === "all";
    const isLost = this.number !== null && number !== this.number + 1 && !isWhole;
    this.number = number;
    this.id = String(message.run);
    this.state = message.state as RunState;
    this.status = String(message.status ?? "");
    this.count = typeof message.count === "number" ? message.count : null;
    this.question = (message.question ?? null) as Question | null;
    this.outputs = follow(this.outputs, steps);
    if (isLost) this.channel.send("show_output");
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener(this.outputs);
  }
}

/** What to say about a run, and with which symbol. Pure. */
export function describeRun(
  state: RunState,
  status: string,
  count: number | null,
  refusal = "",
  isAsking = false,
): { symbol: string; words: string } {
  if (state === "none") return { symbol: "", words: "" };
  if (state === "sent" || state === "queued")
    return { symbol: "◷", words: t("Waiting for the running cell …") };
  if (state === "running" && isAsking) return { symbol: "✎", words: t("Waiting for your input …") };
  if (state === "running") return { symbol: "↻", words: t("Running …") };
  const number = count === null ? "" : `[${count}] `;
  switch (status) {
    case "ok":
      return { symbol: "✓", words: number + t("Finished") };
    case "interrupted":
      return { symbol: "■", words: number + t("Interrupted") };
    case "cancelled":
      return { symbol: "■", words: t("Not run") };
    case "refused":
      return { symbol: "✗", words: t("Not run: {why}. Shorten the program first.", { why: refusal }) };
    default:
      return { symbol: "✗", words: number + t("Ended with an error") };
  }
}
