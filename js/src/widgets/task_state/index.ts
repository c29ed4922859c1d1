// The tick box of a task: a button that goes through the states.
import { Channel } from "../../jupyter/channel";
import { type Context, followTraits, type Model, type Shown, textOf, type View } from "../../jupyter/widget";
import { noticeBox } from "../../status/notice";
import { problemBox } from "../../status/problem";
import { describeSave, type SaveInput } from "../../status/save-state";
import { mayWrite, SAVE_TRAITS, savedAt } from "../../status/saved-model";
import { StatusLine } from "../../status/status-line";
import { h, setText, symbol } from "../../ui/dom";
import { keepKeys } from "../../ui/keys";
import { addStyle } from "../../ui/styles";
import { describeState, nextState } from "./states";
import css from "./style.css";

const TICK = 500;

/** A press that the kernel has not confirmed, shared by all views of the widget. */
class Choice {
  wanted: string | null = null;
  since = 0;
  private ask = 0;
  readonly channel: Channel;

  constructor(
    readonly model: Model,
    readonly signal: AbortSignal,
  ) {
    this.channel = new Channel(model, signal);
    const settle = () => {
      if (stateOf(model) === this.wanted) this.wanted = null;
    };
    followTraits(model, ["data"], signal, settle);
    this.channel.receive((message) => {
      if (message.kind === "answer" && message.ask === this.ask && message.refusal) this.wanted = null;
    });
  }

  get state(): string {
    return this.wanted ?? stateOf(this.model);
  }

  press(): void {
    this.wanted = nextState(this.model.get("states") as string[], this.state);
    this.since = Date.now();
    this.ask += 1;
    const { peer } = this.channel;
    this.channel.send("assign", { peer, ask: this.ask, key: "state", value: this.wanted });
  }
}

function stateOf(model: Model): string {
  return String((model.get("data") as Record<string, unknown> | undefined)?.state ?? "unset");
}

export function task({ model, signal }: Context): Shown {
  const choice = new Choice(model, signal);
  return { render: (view) => render(choice, view) };
}

function render(choice: Choice, view: View): void {
  const { model } = choice;
  addStyle(view.el, "task", css);
  const sign = symbol("");
  const words = h("span", { class: "tnb-task-words" });
  const title = h("span", { class: "tnb-title" });
  const button = h("button", { type: "button", class: "tnb-task-button" }, sign, title, words);
  const status = new StatusLine(view.signal);
  const box = h(
    "section",
    { class: "tnb-widget tnb-task" },
    h("div", { class: "tnb-head" }, button, status.el),
  );
  box.append(problemBox(model, view.signal), noticeBox(model, view.signal), status.detail);
  keepKeys(box, view.signal);
  view.el.append(box);
  const update = () => {
    const shown = describeState(choice.state);
    setText(sign, shown.symbol);
    setText(title, textOf(model, "title"));
    setText(words, shown.words);
    button.dataset.state = choice.state;
    button.disabled = !mayWrite(model) || choice.signal.aborted;
    const next = describeState(nextState(model.get("states") as string[], choice.state)).words;
    button.setAttribute("aria-label", `${textOf(model, "title")}: ${shown.words}`);
    button.title = `Press for “${next}”`;
    status.update(describeSave(saveInput(choice)));
  };
  button.addEventListener(
    "click",
    () => {
      choice.press();
      update();
    },
    { signal: view.signal },
  );
  followTraits(model, ["data", "states", "title", ...SAVE_TRAITS], view.signal, update);
  const ticking = setInterval(update, TICK);
  view.signal.addEventListener("abort", () => clearInterval(ticking));
}

function saveInput({ model, wanted, since, signal }: Choice): SaveInput {
  const isWaiting = wanted !== null;
  return {
    ...savedAt(model, signal),
    pending: isWaiting ? 1 : 0,
    pendingFor: isWaiting ? Date.now() - since : 0,
    isSynced: true,
    askingFor: 0,
    hasLane: false,
  };
}
