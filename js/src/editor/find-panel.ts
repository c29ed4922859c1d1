// The panel in which words are looked for, and replaced where the user may write. Escape closes it.

import { type EditorState, type Extension, Prec } from "@codemirror/state";
import { type EditorView, keymap, type Panel, type ViewUpdate } from "@codemirror/view";
import { html, render, type TemplateResult } from "lit-html";
import { numberWords, t } from "../text/words";
import { symbol } from "../ui/elements";
import {
  closeFind,
  finding,
  findingIn,
  MOST,
  openFind,
  replaceAll,
  replaceOne,
  selectedMatch,
  setQuery,
  step,
} from "./find";

/** `title` names the text for screen readers. */
export function findPanel(title: () => string): Extension {
  const panel = (view: EditorView) => new FindPanel(view, title());
  const open = (view: EditorView) => {
    if (findingIn(view.state).panel) enterField(view.dom);
    else openFind(view, panel);
    return true;
  };
  const next = (view: EditorView) => step(view) || open(view);
  const previous = (view: EditorView) => step(view, true) || open(view);
  const keys = [
    { key: "Mod-f", run: open },
    { key: "F3", run: next, shift: previous, preventDefault: true },
    { key: "Mod-g", run: next, shift: previous, preventDefault: true },
  ];
  // Before the keys that move the cursor.
  return [finding, Prec.high(keymap.of(keys))];
}

function enterField(element: Element): void {
  const field = element.querySelector<HTMLInputElement>("input[name=search]");
  field?.focus();
  field?.select();
}

class FindPanel implements Panel {
  readonly dom = document.createElement("div");
  readonly top = true;

  constructor(
    private readonly view: EditorView,
    title: string,
  ) {
    this.dom.className = "tnb-find";
    this.dom.setAttribute("role", "search");
    this.dom.setAttribute("aria-label", t("Find in {title}", { title }));
    this.dom.addEventListener("keydown", (event) => this.press(event));
    this.draw(view.state);
  }

  mount(): void {
    enterField(this.dom);
  }

  update({ state, startState, docChanged, selectionSet }: ViewUpdate): void {
    if (docChanged || selectionSet || findingIn(state) !== findingIn(startState)) this.draw(state);
  }

  private press(event: KeyboardEvent): void {
    const { target, key, shiftKey, ctrlKey, metaKey, altKey } = event;
    const isFind = (ctrlKey || metaKey) && !altKey && key.toLowerCase() === "f";
    const isInField = target instanceof HTMLInputElement && target.type === "text";
    if (key === "Escape") closeFind(this.view);
    else if (isFind) enterField(this.dom);
    else if (key !== "Enter" || event.isComposing || !isInField) return;
    else if (target.name === "replace") replaceOne(this.view);
    else step(this.view, shiftKey);
    event.preventDefault();
  }

  private draw(state: EditorState): void {
    const { query } = findingIn(state);
    const { view } = this;
    const setCase = (event: Event) =>
      setQuery(view, { matchesCase: (event.target as HTMLInputElement).checked });
    render(
      html`<div class="tnb-find-row">${this.field("search", t("Find"), query.search)}
          <span class="tnb-find-steps"><span class="tnb-find-count" role="status">${countIn(state)}</span
          >${button("↑", t("Find previous"), () => step(view, true))}${button("↓", t("Find next"), () => step(view))}</span>
          <label><input type="checkbox" .checked=${query.matchesCase} @change=${setCase} /> ${t("Match case")}</label
          ><button type="button" class="tnb-button tnb-plain" aria-label=${t("Close find")} title=${t("Close find (Escape)")}
            @click=${() => closeFind(view)}>${symbol("✕")}</button></div
        ><div class="tnb-find-row" ?hidden=${state.readOnly}>${this.field("replace", t("Replace with"), query.replace)}
          ${button(t("Replace"), t("Replace"), () => replaceOne(view))}${button(t("Replace all"), t("Replace all"), () => replaceAll(view))}</div>`,
      this.dom,
    );
  }

  private field(name: "search" | "replace", label: string, words: string): TemplateResult {
    const set = (event: Event) => setQuery(this.view, { [name]: (event.target as HTMLInputElement).value });
    return html`<input type="text" class="tnb-field" name=${name} placeholder=${label} aria-label=${label} .value=${words}
      autocomplete="off" spellcheck="false" @input=${set} />`;
  }
}

function button(words: string, label: string, act: () => void): TemplateResult {
  return html`<button type="button" class="tnb-button" aria-label=${label} title=${label} @click=${act}>${words}</button>`;
}

/** How often the words stand in the text, and which of them is selected. */
function countIn(state: EditorState): string {
  const { query, matches } = findingIn(state);
  if (!query.search) return "";
  if (!matches.length) return t("Not found");
  const all =
    matches.length === MOST ? t("{number} or more", { number: numberWords(MOST) }) : String(matches.length);
  const selected = selectedMatch(state);
  return selected ? t("{selected} of {all}", { selected, all }) : t("{all} found", { all });
}
