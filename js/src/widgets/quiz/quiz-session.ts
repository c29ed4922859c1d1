// A quiz as this page knows it. What is right, and how it was scored, are no traits: the kernel is asked for them.
import { DocumentSession } from "../../document/document-session";
import type { Misfit } from "../../document/fitting";
import { Refused } from "../../jupyter/channel";
import { followTraits, type Model } from "../../jupyter/widget";
import { Listeners } from "../../live/listeners";
import { Timer } from "../../live/timer";
import type { Question } from "../../schema/messages";
import type { Assessment } from "../../schema/records";
import { QUIZ, type Quiz } from "../../schema/types/quiz";
import type { SaveInput } from "../../status/save-state";
import { withPending } from "../../status/saved-model";
import { sentence } from "../../text/sentence";

export type Answer = number[] | boolean | null;

export interface QuizQuestion {
  qid: string;
  ask: string;
  /** Empty for a statement. */
  options: string[];
  multiple: boolean;
  /** In which order the options are shown; empty for that of the call. */
  order: number[];
}

export interface Key {
  answers: Record<string, { choices: number[] | null; value: boolean | null }>;
  /** What is scored, too, and asked no more. */
  others: string[];
  selfCheck: boolean;
}

export type ClassRow = Assessment & { name: string };

/** A class that is shown is asked for so seldom, in milliseconds. */
const CLASS_PAUSE = 1000;

type Content<Kind> = Omit<Extract<Question, { kind: Kind }>, "kind" | "peer" | "ask">;

export class QuizSession {
  readonly document: DocumentSession<Quiz>;
  /** How the quiz was scored; null until the kernel has said so. */
  assessment: Assessment | null = null;
  key: Key | null = null;
  students: ClassRow[] | null = null;
  /** What did not work, by what was asked; answers by their question, until it is answered. */
  private readonly refusals = new Map<string, string>();
  /** Answers that the kernel has not confirmed, and since when. */
  private readonly given = new Map<string, { answer: Answer; since: number }>();
  /** Correct answers that the kernel has not confirmed: the next press builds on them. */
  private readonly pressed = new Map<string, { answer: Answer }>();
  private readonly listeners = new Listeners();

  constructor(
    readonly model: Model,
    readonly signal: AbortSignal,
  ) {
    this.document = new DocumentSession<Quiz>(model, signal, QUIZ);
    const tell = () => this.listeners.tell();
    this.document.onChange(tell, signal);
    followTraits(model, ["answers", "odd_answers", "refused_answers", "questions"], signal, tell);
    followTraits(model, ["data", "save_state", "key_changes"], signal, () => void this.look());
    // Points that are shown follow what is right.
    followTraits(model, ["key_changes"], signal, () => void (this.students && this.loadClass()));
    // And what is answered, which a whole class does at once.
    const classTimer = new Timer(() => void this.followClass());
    const followSoon = () => !classTimer.isWaiting && classTimer.start(CLASS_PAUSE);
    followTraits(model, ["class_changes"], signal, followSoon);
    signal.addEventListener("abort", () => classTimer.cancel());
    const onShown = () => void Promise.all([this.look(), this.followClass()]);
    document.addEventListener("visibilitychange", onShown, { signal });
  }

  get questions(): QuizQuestion[] {
    return (this.model.get("questions") ?? []) as QuizQuestion[];
  }

  get isStaff(): boolean {
    return this.model.get("is_staff") === true;
  }

  answerTo(qid: string): Answer {
    const given = this.given.get(qid);
    const stored = (this.model.get("answers") ?? {}) as Record<string, Answer>;
    return given ? given.answer : (stored[qid] ?? null);
  }

  /** What another program has stored in the answer to a question that does not fit. */
  oddIn(qid: string): Misfit[] {
    return ((this.model.get("odd_answers") ?? {}) as Record<string, Misfit[]>)[qid] ?? [];
  }

  /** All that did not work, also of answers that were given in Python. */
  get refusal(): string {
    return [...new Set([...this.refusals.values(), ...this.refusedElsewhere.map(sentence)])].join(" ");
  }

  /** Of answers that were given in Python. */
  private get refusedElsewhere(): string[] {
    return Object.values((this.model.get("refused_answers") ?? {}) as Record<string, string>);
  }

  get saving(): SaveInput {
    const since = [...this.given.values()].map((each) => each.since);
    const isTakenBack = [...this.refusals.keys()].some(isChange) || this.refusedElsewhere.length > 0;
    return withPending({ ...this.document.saving, isTakenBack }, since);
  }

  onChange(listener: () => void, signal: AbortSignal): void {
    this.listeners.add(listener, signal);
  }

  /** Shown at once, and taken back with a sentence when it is not stored. */
  async answer(qid: string, answer: Answer): Promise<void> {
    const given = { answer, since: Date.now() };
    this.given.set(qid, given);
    this.listeners.tell();
    await this.ask("answer_question", { qid, ...answerParts(answer) }, `answer ${qid}`);
    if (this.given.get(qid) === given) this.given.delete(qid);
    this.listeners.tell();
    // Whether one may check oneself is told, but to nobody who was away.
    if (!this.refusals.has(`answer ${qid}`)) await this.look();
  }

  /** Have the own answers assessed. */
  async check(): Promise<void> {
    this.assessment = ((await this.ask("check_quiz", {})) as Assessment | undefined) ?? this.assessment;
    this.listeners.tell();
  }

  async loadKey(): Promise<void> {
    this.key = ((await this.ask("key", {})) as Key | undefined) ?? this.key;
    this.listeners.tell();
  }

  rightFor(qid: string): Answer {
    const stored = this.key?.answers[qid];
    const pressed = this.pressed.get(qid);
    return pressed ? pressed.answer : (stored?.choices ?? stored?.value ?? null);
  }

  async changeKey(qid: string, right: Answer): Promise<void> {
    const pressed = { answer: right };
    this.pressed.set(qid, pressed);
    this.listeners.tell();
    const change = { qid, ...answerParts(right), self_check: null };
    this.key = ((await this.ask("change_key", change)) as Key | undefined) ?? this.key;
    if (this.pressed.get(qid) === pressed) this.pressed.delete(qid);
    this.listeners.tell();
  }

  async allowSelfCheck(isOn: boolean): Promise<void> {
    const change = { qid: "", choices: null, value: null, self_check: isOn };
    this.key = ((await this.ask("change_key", change)) as Key | undefined) ?? this.key;
    this.listeners.tell();
  }

  async loadClass(): Promise<void> {
    this.students = ((await this.ask("class", {})) as ClassRow[] | undefined) ?? this.students;
    this.listeners.tell();
  }

  private async followClass(): Promise<void> {
    if (this.students && !document.hidden) await this.loadClass();
  }

  async assess(documents: string[], on: boolean): Promise<void> {
    this.students =
      ((await this.ask("assess", { documents, on })) as ClassRow[] | undefined) ?? this.students;
    this.listeners.tell();
  }

  /** Ask how it was scored: before the hub has answered there is nothing to ask. */
  private async look(): Promise<void> {
    if (document.hidden || !["saved", "read-only"].includes(String(this.model.get("save_state")))) return;
    this.assessment = ((await this.ask("assessment", {})) as Assessment | undefined) ?? this.assessment;
    this.listeners.tell();
  }

  private async ask<Kind extends Question["kind"]>(
    kind: Kind,
    content: Content<Kind>,
    about: string = kind,
  ): Promise<unknown> {
    if (this.signal.aborted) return undefined;
    try {
      const { value } = await this.document.channel.ask(kind, content);
      this.refusals.delete(about);
      return value;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (!this.signal.aborted) this.refusals.set(about, sentence(error.message));
      return undefined;
    }
  }
}

/** Whether it was to change something that was refused, and not only to show it. */
const isChange = (about: string) => !["assessment", "key", "class"].includes(about);

function answerParts(answer: Answer): { choices: number[] | null; value: boolean | null } {
  return Array.isArray(answer) ? { choices: answer, value: null } : { choices: null, value: answer };
}
