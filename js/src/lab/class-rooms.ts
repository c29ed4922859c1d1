// The rooms in the panel “Class”: a teacher sees who of their groups is here and what they have, and watches it.

import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import {
  type DocumentRow,
  documentRows,
  type GroupRow,
  groupRows,
  hereWords,
  type ListedDocument,
  type ListedGroup,
  type ListedUser,
  type PersonRow,
  type PresenceOf,
} from "../cells/class-list";
import { hasNoPresence, noListWords } from "../cells/lacking";
import { describeLastRun, lastRunIn } from "../cells/last-run";
import { Refusal } from "../cells/refusal";
import { stateBadge, stateStyle } from "../document/state-badge";
import type { DocumentsListener } from "../live/followed-documents";
import type { HubLine, PresenceListener } from "../live/hub-line";
import type { ChangedDocument } from "../schema/events";
import type { LastRun } from "../schema/types/last_run";
import { roleWords, typeWords } from "../text/roles";
import { sentence } from "../text/sentence";
import { t } from "../text/words";
import { symbol } from "../ui/elements";
import { changedWords } from "../widgets/rooms/overview";
import { LAST_RUN_TYPE } from "./kept-runs";
import type { Watched } from "./watching";

/** A shown list of documents is asked for so often (ms) where the hub does not tell of them, and where it does, to be safe. */
const LISTING = 5_000;
const LISTING_TOLD = 60_000;
/** And not sooner than this after the last answer, however much happens. */
const BETWEEN = 500;
/** People and groups, of which pages are not told. */
const PEOPLE = 60_000;

/** What is asked of the hub. */
export interface RoomsHub {
  line: HubLine;
  users(): Promise<ListedUser[]>;
  groups(): Promise<ListedGroup[]>;
  documentsOf(user: string): Promise<ListedDocument[]>;
  /** How the last runs below some roots have ended, by the documents of their cells. */
  runsOf(user: string, roots: string[]): Promise<Map<string, unknown>>;
}

export interface ClassRoomsOptions {
  hub: RoomsHub;
  /** What it does not offer. */
  lacking: readonly string[];
  watch: (watched: Watched) => void;
  /** Draw the panel anew. */
  changed: () => void;
}

export class ClassRooms implements PresenceListener, DocumentsListener {
  readonly css = stateStyle;
  private me: { id: string; role: string } | null = null;
  private users: ListedUser[] = [];
  private groups: ListedGroup[] | null = null;
  private readonly counts = new Map<string, number>();
  /** Whose documents are listed. */
  private shown = "";
  private documents: ListedDocument[] | null = null;
  private runs = new Map<string, LastRun>();
  private trouble = "";
  /** Why it is not said what the person has whose documents would be listed. */
  private refusal = "";
  private askedPeople = 0;
  private askedDocuments = 0;
  private isListing = false;
  /** Whether something was told while the hub was asked: its answer may be older. */
  private isOlder = false;
  private listedAt = 0;

  constructor(private readonly options: ClassRoomsOptions) {}

  /** The panel is seen by this person, who teaches, or not any more. */
  show(me: { id: string; role: string } | null): void {
    const { line } = this.options.hub;
    if (me && !this.me) line.followPresence(this);
    if (!me && this.me) line.unfollowPresence(this);
    // Whose documents are listed is heard of as long as somebody looks.
    if (me && !this.me && this.shown) line.followDocuments(this.shown, this);
    if (!me && this.me && this.shown) line.unfollowDocuments(this.shown, this);
    this.me = me;
    if (!me) this.counts.clear();
    this.refresh();
  }

  onDocument({ data, id, updatedAt }: ChangedDocument): void {
    this.isOlder = true;
    const run = this.documents?.find((one) => one.id === id && one.type === LAST_RUN_TYPE);
    if (run?.parentId) this.runs.set(run.parentId, lastRunIn(data));
    this.documents =
      this.documents?.map((one) => (one.id === id ? { ...one, data, updatedAt } : one)) ?? null;
    this.options.changed();
  }

  onDocuments(): void {
    this.isOlder = true;
    this.askedDocuments = 0;
    this.refresh();
  }

  onPresence(counts: [string, number][]): void {
    for (const [room, count] of counts) this.counts.set(room, count);
    this.options.changed();
  }

  /** The hub has gone: it tells anew who is here. */
  onDown(): void {
    this.counts.clear();
  }

  /** The hub is back: what was listed may be old. */
  onUp(): void {
    this.askedPeople = this.askedDocuments = 0;
    this.refresh();
  }

  /** Ask for what has grown old; called often while the panel is seen. */
  refresh(): void {
    const { me } = this;
    if (!me || !this.options.hub.line.user) return;
    const now = Date.now();
    if (now - this.askedPeople > PEOPLE) {
      this.askedPeople = now;
      void this.ask(async () => {
        const { hub } = this.options;
        [this.users, this.groups] = await Promise.all([hub.users(), hub.groups()]);
      });
    }
    const isSeldom = this.refusal !== "" || this.options.hub.line.hearsDocuments(this.shown);
    const often = isSeldom ? LISTING_TOLD : LISTING;
    const isDue = now - this.askedDocuments > often && now - this.listedAt > BETWEEN;
    if (this.shown && isDue && !this.isListing) this.list(this.shown);
  }

  /** Nothing for those who teach nobody. */
  get section(): TemplateResult | typeof nothing {
    if (!this.me) return nothing;
    return html`<section aria-label=${t("Rooms")}>
      <h3>${t("Rooms")}</h3>
      ${this.trouble ? html`<p role="alert">${sentence(this.trouble)}</p>` : nothing}${this.notes}${this.rows}
    </section>`;
  }

  /** What is not offered, said once in the place of all. */
  private get notes(): TemplateResult | typeof nothing {
    const { lacking } = this.options;
    const presence = hasNoPresence(lacking)
      ? t("Who of those whom you observe is here, “tnb.rooms()” shows in a notebook.")
      : "";
    const words = [noListWords(lacking), presence].filter(Boolean).join(" ");
    return words ? html`<p>${words}</p>` : nothing;
  }

  private get rows(): unknown {
    const { counts, groups, me, users } = this;
    const { lacking } = this.options;
    if (!me || !groups) return html`<p>${t("Waiting for the hub …")}</p>`;
    const rows = groupRows({ counts, groups, me, users, lacking });
    if (!rows.length) return html`<p>${t("There are no groups with people yet.")}</p>`;
    return repeat(
      rows,
      ({ id }) => id,
      (group) => this.group(group),
    );
  }

  private group(group: GroupRow): TemplateResult {
    const people = repeat(
      group.people,
      ({ id }) => id,
      (person) => this.person(person),
    );
    return html`<h4>${group.name} <small>${hereWords(group)}</small></h4><ul>${people}</ul>`;
  }

  private person(person: PersonRow): TemplateResult {
    const isShown = this.shown === person.id;
    const role =
      person.role && person.role !== "student" ? html` <small>${roleWords(person.role)}</small>` : nothing;
    const { sign, tone, words } = presenceLook(person.presence);
    const state = html`<span class="tnb-class-state" data-tone=${tone}>${symbol(sign)} ${words}</span>`;
    if (noListWords(this.options.lacking))
      return html`<li class="tnb-class-cell"><span>${person.name}${role}</span>${state}</li>`;
    return html`<li
      ><button type="button" class="tnb-class-cell" aria-expanded=${isShown} @click=${() => this.toggle(person.id)}
        ><span>${symbol(isShown ? "▾" : "▸")} ${person.name}${role}</span>${state}</button
      >${isShown ? this.listing(person) : nothing}</li>`;
  }

  private listing(person: PersonRow): TemplateResult {
    if (this.refusal) return html`<p class="tnb-class-documents">${sentence(this.refusal)}</p>`;
    if (!this.documents) return html`<p class="tnb-class-documents">${t("Asking the hub …")}</p>`;
    if (!this.documents.length) return html`<p class="tnb-class-documents">${t("No documents yet.")}</p>`;
    const rows = repeat(
      documentRows(this.documents, this.runs),
      ({ id }) => id,
      (row) => this.document(row, person),
    );
    return html`<ul class="tnb-class-documents">${rows}</ul>`;
  }

  private document(
    { changed, id, live, name, run, state, type }: DocumentRow,
    person: PersonRow,
  ): TemplateResult {
    const ended = run && describeLastRun(run);
    const what = html`<span class="tnb-cell-name">${name}</span
      ><small>${state ? html`${stateBadge(state)}<br>` : nothing}${ended?.words ? html`${symbol(ended.symbol)} ${ended.words}<br>` : nothing}${typeWords(type)} · ${changedWords(changed)}</small>`;
    const title = `${person.name}: ${name}`;
    const watch = () => this.options.watch({ id, title, type, live });
    return html`<li
      ><button type="button" class="tnb-class-cell" title=${t("Watch {title}", { title })} @click=${watch}>${what}</button
    ></li>`;
  }

  private toggle(id: string): void {
    const { line } = this.options.hub;
    if (this.shown) line.unfollowDocuments(this.shown, this);
    this.shown = this.shown === id ? "" : id;
    this.documents = null;
    this.refusal = "";
    if (this.shown) {
      line.followDocuments(this.shown, this);
      this.list(this.shown);
    }
    this.options.changed();
  }

  private list(id: string): void {
    this.askedDocuments = Date.now();
    this.isListing = true;
    this.isOlder = false;
    void this.ask(async () => {
      const { hub } = this.options;
      const documents = await this.documentsOf(id);
      if (!documents) return;
      const roots = documents.filter(({ type }) => type === LAST_RUN_TYPE).map((run) => run.documentRootId);
      const stored = roots.length ? await hub.runsOf(id, [...new Set(roots)]) : new Map<string, unknown>();
      const runs = new Map([...stored].map(([document, data]) => [document, lastRunIn(data)]));
      if (this.shown !== id) return;
      this.documents = documents;
      this.runs = runs;
    }).finally(() => {
      this.isListing = false;
      this.listedAt = Date.now();
      if (this.isOlder) this.askedDocuments = 0;
    });
  }

  /** What a person has; null where the hub does not say it, and why is kept. */
  private async documentsOf(id: string): Promise<ListedDocument[] | null> {
    try {
      const documents = await this.options.hub.documentsOf(id);
      if (this.shown === id) this.refusal = "";
      return documents;
    } catch (error) {
      if (!(error instanceof Refusal) || error.isPassing) throw error;
      if (this.shown === id) this.refusal = error.message;
      return null;
    }
  }

  private async ask(question: () => Promise<void>): Promise<void> {
    try {
      await question();
      this.trouble = "";
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
    }
    this.options.changed();
  }
}

function presenceLook(presence: PresenceOf): { sign: string; tone: string; words: string } {
  switch (presence) {
    case "here":
      return { sign: "●", tone: "good", words: t("here") };
    case "here-or-observed":
      return { sign: "◐", tone: "quiet", words: t("here or observed") };
    case "away":
      return { sign: "○", tone: "quiet", words: t("away") };
    case "not-known":
      return { sign: "?", tone: "quiet", words: t("not known") };
  }
}
