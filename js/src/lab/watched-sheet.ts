// What a teacher sees of a student's document that is no live text: its look, and how it stands with seeing it.
import { Widget } from "@lumino/widgets";
import { html, nothing, render, type TemplateResult } from "lit-html";
import { WatchedDocument, type WatchingHub } from "../cells/watched-document";
import { JsonTree } from "../document/json-tree";
import { type Look, lookOf } from "../document/look";
import { lookStyle } from "../document/misfit-note";
import { momentWords } from "../text/moments";
import { sentence } from "../text/sentence";
import { t } from "../text/words";
import { symbol } from "../ui/elements";
import { addStyle } from "../ui/styles";
import { liveIcon } from "./icon";
import type { Watched } from "./watching";

export class WatchedSheet extends Widget {
  readonly document: WatchedDocument;
  private look: Look | null = null;
  private readonly life = new AbortController();
  private readonly tree = new JsonTree(() => this.draw());

  constructor(
    private readonly watched: Watched,
    hub: WatchingHub,
  ) {
    super();
    const { id, title } = watched;
    this.id = `teaching-nb:watched:${id}`;
    this.title.label = title;
    this.title.icon = liveIcon;
    this.title.closable = true;
    this.addClass("tnb-watched-sheet");
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", title);
    this.node.tabIndex = -1;
    this.document = new WatchedDocument({ id, hub });
    this.document.onChange(() => this.draw(), this.life.signal);
    void this.findLook();
  }

  wake(): void {
    this.document.wake();
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.life.abort();
    this.document.dispose();
    super.dispose();
  }

  protected override onAfterAttach(): void {
    this.draw();
  }

  protected override onCloseRequest(): void {
    this.dispose();
  }

  protected override onActivateRequest(): void {
    this.node.focus();
  }

  private async findLook(): Promise<void> {
    this.look = await lookOf(this.watched.type);
    if (this.look.needsRelated) this.document.wantRelated();
    this.draw();
  }

  private draw(): void {
    const { look } = this;
    if (!look || !this.isAttached) return;
    addStyle(this.node, look.name, `${look.css}\n${lookStyle}`);
    const { advice, document, related, words } = this.document;
    const { title, type } = this.watched;
    const json = (value: unknown, isOpen?: boolean) => this.tree.draw(value, isOpen);
    const parts = document ? look.draw({ title, type, data: document.data, related, json }) : {};
    render(
      html`<section class=${`tnb-widget tnb-${look.name}`}><div class="tnb-head"
        >${parts.lead}${parts.heading ?? html`<span class="tnb-title">${title}</span>`}${parts.people}${this.status}${parts.tools}</div
      >${words ? html`<p class="tnb-problem" role="alert">${sentence(words)} ${advice}</p>` : nothing}${parts.body}</section>`,
      this.node,
    );
  }

  private get status(): TemplateResult {
    const { document, isLive, phase } = this.document;
    const [sign, shown] = isLive
      ? ["●", t("Live, read only")]
      : phase === "opening"
        ? ["…", t("Asking the hub …")]
        : ["⚠", phase === "refused" ? t("Not shown") : t("Not connected")];
    const when = document
      ? html`<small class="tnb-watched-when">${t("changed {when}", { when: momentWords(document.updatedAt) })}</small>`
      : nothing;
    return html`<span class="tnb-watched-state"><span class="tnb-status" role="status" data-tone=${isLive ? "good" : "warn"}
      >${symbol(sign)}${shown}</span>${when}</span>`;
  }
}
