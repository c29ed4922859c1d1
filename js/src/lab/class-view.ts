// What the panel “Class” shows: whether the hub is there and who I am, the live cells of the open notebooks and how
// they stand, and who is here.

import { html, nothing, render, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { describeCell, stateOf } from "../cells/cell-state";
import css from "../cells/cells.css";
import type { LiveCell } from "../cells/live-cell";
import type { Follower } from "../live/hub-line";
import { initials, nameOf, type Person } from "../live/people";
import { roleWords } from "../text/roles";
import { sentence } from "../text/sentence";
import { t } from "../text/words";
import { symbol } from "../ui/elements";
import { addStyle } from "../ui/styles";
import { ClassHub } from "./class-hub";
import type { ClassRooms } from "./class-rooms";
import type { Account, ServerHub } from "./hub";
import { lackingHere, noLiveCellsWords } from "./lacking";
import { loaded } from "./loaded";
import { type NotebooksOptions, type OpenNotebook, OpenNotebooks } from "./open-notebooks";
import panels from "./panels.css";
import type { Watched } from "./watching";

/** Waiting grows without anything happening. */
const TICK = 1_000;

export interface ClassViewOptions extends NotebooksOptions {
  hub: ServerHub;
  /** Show somebody's document beside the notebook. */
  watch: (watched: Watched) => void;
}

export class ClassView implements Follower {
  private me: Account | null = null;
  private lacking: readonly string[] = [];
  private trouble = "";
  private ticks: ReturnType<typeof setInterval> | undefined;
  /** For those who teach. */
  private rooms: ClassRooms | null = null;
  private loading: Promise<ClassRooms> | null = null;
  private isShown = false;
  private readonly notebooks: OpenNotebooks;

  constructor(
    private readonly node: HTMLElement,
    private readonly options: ClassViewOptions,
  ) {
    this.notebooks = new OpenNotebooks(options);
    addStyle(node, "cells", css);
    addStyle(node, "panels", panels);
  }

  /** Something that is shown may have changed. */
  changed(): void {
    if (this.isShown) this.draw();
  }

  onUp(): void {
    this.rooms?.onUp();
    void this.ask();
  }

  onDown(): void {
    this.rooms?.onDown();
    this.changed();
  }

  /** Somebody looks: connected as long as they do. */
  show(): void {
    this.isShown = true;
    this.options.hub.line.follow(this);
    this.ticks ??= setInterval(() => {
      this.rooms?.refresh();
      this.changed();
    }, TICK);
    void this.ask();
    this.draw();
  }

  hide(): void {
    this.isShown = false;
    this.rooms?.show(null);
    this.options.hub.line.unfollow(this);
    clearInterval(this.ticks);
    this.ticks = undefined;
  }

  private async ask(): Promise<void> {
    try {
      const { hub } = this.options;
      [this.me, this.lacking] = await Promise.all([hub.account(), lackingHere()]);
      this.trouble = "";
      if (teaches(this.me)) this.rooms = await this.loadRooms();
      if (this.isShown) this.rooms?.show(teaches(this.me) ? this.me : null);
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
    }
    this.changed();
  }

  private async loadRooms(): Promise<ClassRooms> {
    const { hub, watch } = this.options;
    const { lacking } = this;
    this.loading ??= loaded(import("./class-rooms")).then(
      ({ ClassRooms }) =>
        new ClassRooms({ hub: new ClassHub(hub), lacking, watch, changed: () => this.changed() }),
    );
    try {
      const rooms = await this.loading;
      addStyle(this.node, "rooms", rooms.css);
      return rooms;
    } catch (error) {
      // The server may answer the next time.
      this.loading = null;
      throw error;
    }
  }

  private retry(): void {
    this.options.hub.line.wake();
    void this.ask();
  }

  private draw(): void {
    const all = this.notebooks.all;
    render(
      html`${this.connection}${all.length ? this.cells(all) : nothing}${this.rooms?.section ?? nothing}`,
      this.node,
    );
  }

  private get connection(): TemplateResult {
    const isUp = this.options.hub.line.user !== "";
    const who = this.me
      ? html`<p>${t("You are")} <b>${this.me.name || this.me.email}</b>, ${roleWords(this.me.role)}.</p>`
      : nothing;
    const words = isUp ? t("Connected to the hub") : t("Not connected to the hub");
    return html`<section aria-label=${t("Connection")}>
      <p class="tnb-class-state" data-tone=${isUp ? "good" : "warn"} role="status"
        >${symbol(isUp ? "✓" : "⚠")} ${words}${
          isUp
            ? nothing
            : html` <button type="button" class="tnb-button" @click=${() => this.retry()}>${t("Try now")}</button>`
        }</p>
      ${this.trouble && !isUp ? html`<p>${sentence(this.trouble)}</p>` : nothing}${who}
    </section>`;
  }

  private cells(all: OpenNotebook[]): TemplateResult {
    const people = new Map<string, Person>();
    for (const { live, isLive } of all.flatMap(({ cells }) => cells))
      for (const person of isLive && live ? live.people : []) people.set(person.id, person);
    const others = [...people.values()].filter(({ isMe }) => !isMe);
    const lists = repeat(
      all,
      ({ panel }) => panel.id,
      (notebook) => this.notebook(notebook),
    );
    const none = noLiveCellsWords(this.lacking);
    if (none && !all.some(({ cells }) => cells.length))
      return html`<section aria-label=${t("Live cells")}><h3>${t("Live cells")}</h3><p>${none}</p></section>`;
    return html`<section aria-label=${t("Live cells")}>${none ? html`<p>${none}</p>` : nothing}${lists}</section>
      <section aria-label=${t("Here now")}>
        <h3>${t("Here now")}</h3>
        ${others.length ? html`<ul>${others.map(somebody)}</ul>` : html`<p>${t("Nobody else has these cells open.")}</p>`}
      </section>`;
  }

  private notebook(notebook: OpenNotebook): TemplateResult {
    const { cells, title } = notebook;
    const words = t("Live cells of {title}", { title });
    if (!cells.length && noLiveCellsWords(this.lacking)) return html``;
    const list = cells.length
      ? html`<ul aria-label=${words}>${cells.map((cell) => this.row(notebook, cell))}</ul>`
      : html`<p>${t("None yet.")} <kbd>Esc</kbd> <kbd>L</kbd> <kbd>L</kbd> ${t("makes the selected cell a live one.")}</p>`;
    return html`<h3>${words}</h3>${list}`;
  }

  private row(notebook: OpenNotebook, cell: LiveCell): TemplateResult {
    const { symbol: sign, words, tone, detail } = describeCell(stateOf(cell));
    return html`<li
      ><button type="button" class="tnb-class-cell" title=${detail || t("Show this cell")} @click=${() => this.notebooks.show(notebook, cell)}
        ><span class="tnb-cell-name">${cell.mark.document}</span
        ><span class="tnb-class-state" data-tone=${tone}>${symbol(sign)} ${words}</span></button
    ></li>`;
  }
}

function teaches({ role }: Account): boolean {
  return role === "teacher" || role === "admin";
}

function somebody(person: Person): TemplateResult {
  return html`<li class="tnb-class-person" style="--tnb-person: ${person.color}"
    ><span class="tnb-disc" aria-hidden="true">${initials(person.name)}</span> ${nameOf(person)}</li
  >`;
}
