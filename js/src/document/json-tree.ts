// Any JSON, to be read: what is in objects and lists is folded, and drawn once somebody unfolds it.
import { html, nothing, type TemplateResult } from "lit-html";
import { startOf } from "../text/whole-characters";
import { numberWords, t } from "../text/words";
import { isObject } from "./objects";

/** So many entries of one object or list are drawn, and so much of one text in its line. */
const MOST = 200;
const LONGEST = 120;

export class JsonTree {
  private readonly open = new Set<string>();

  /** `redraw` is called when something was unfolded. */
  constructor(private readonly redraw: () => void) {}

  /** `isOpen`: whether the outermost level is unfolded to begin with. */
  draw(value: unknown, isOpen = true): TemplateResult {
    return html`<div class="tnb-json">${this.node("", value, "$", isOpen)}</div>`;
  }

  private node(name: string, value: unknown, path: string, isOpenAtFirst = false): TemplateResult {
    const entries = entriesOf(value);
    const label = name ? html`<span class="tnb-json-name">${name}</span>: ` : nothing;
    if (!entries) return this.leaf(label, value);
    if (!entries.length) return html`<div>${label}${Array.isArray(value) ? "[]" : "{}"}</div>`;
    const isOpen = this.open.has(path) !== isOpenAtFirst;
    return html`<details ?open=${isOpen} @toggle=${(event: Event) => this.toggle(event, path, isOpenAtFirst)}
      ><summary>${label}${countWords(value, entries.length)}</summary
      >${isOpen ? this.children(entries, path) : nothing}</details>`;
  }

  private children(entries: [string, unknown][], path: string): TemplateResult {
    const left = entries.length - MOST;
    return html`<ul>${entries
      .slice(0, MOST)
      .map(([key, value]) => html`<li>${this.node(key, value, `${path}/${key}`)}</li>`)}${
      left > 0 ? html`<li>${t("… and {number} more", { number: numberWords(left) })}</li>` : nothing
    }</ul>`;
  }

  private leaf(label: unknown, value: unknown): TemplateResult {
    const text = typeof value === "string" ? value : String(JSON.stringify(value));
    const start = startOf(text, LONGEST);
    if (typeof value !== "string" || (start === text && !text.includes("\n")))
      return html`<div>${label}<code>${JSON.stringify(value)}</code></div>`;
    const [line = ""] = start.split("\n");
    return html`<details><summary>${label}<code>“${line} …</code></summary><pre>${text}</pre></details>`;
  }

  private toggle(event: Event, path: string, isOpenAtFirst: boolean): void {
    // What is unfolded within it tells its own.
    if (event.target !== event.currentTarget) return;
    const isOpen = (event.target as HTMLDetailsElement).open;
    if ((this.open.has(path) !== isOpenAtFirst) === isOpen) return;
    if (isOpen === isOpenAtFirst) this.open.delete(path);
    else this.open.add(path);
    this.redraw();
  }
}

function entriesOf(value: unknown): [string, unknown][] | null {
  if (Array.isArray(value)) return value.map((each, index) => [String(index), each]);
  return isObject(value) ? Object.entries(value) : null;
}

function countWords(value: unknown, count: number): string {
  return Array.isArray(value) ? t("1 entry|{count} entries", { count }) : t("1 key|{count} keys", { count });
}
