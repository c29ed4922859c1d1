// Tells teachers how the last run of a live cell has ended, where the notebook asks for that and the user allows it.
import type { Cell } from "@jupyterlab/cells";
import { NotebookActions, type NotebookPanel } from "@jupyterlab/notebook";
import { lastRun } from "../cells/last-run";
import type { LiveCell } from "../cells/live-cell";
import type { Opened } from "../cells/open-document";
import { Refusal } from "../cells/refusal";
import { Backoff } from "../live/backoff";
import type { Follower } from "../live/hub-line";
import { Timer } from "../live/timer";
import type { LastRun } from "../schema/types/last_run";
import type { ServerHub } from "./hub";
import { KeptRuns } from "./kept-runs";

/** Kernel states that take a run with them; JupyterLab then says nothing of the cell. */
const ENDING = ["restarting", "autorestarting", "dead", "terminating"];

interface Running {
  panel: NotebookPanel;
  live: LiveCell;
  startedAt: number;
}

export interface RunReportsOptions {
  hub: ServerHub;
  /** The live cell that a cell of a panel is; null for ordinary ones. */
  liveCell: (cell: Cell) => { panel: NotebookPanel; live: LiveCell } | null;
}

export class RunReports implements Follower {
  private readonly running = new Map<Cell, Running>();
  /** What the hub has not got yet, by the documents of the cells. */
  private readonly unsent = new Map<string, { cell: Opened; run: LastRun }>();
  private readonly kept: KeptRuns;
  private isSending = false;
  private readonly backoff = new Backoff(Math.random, Date.now);
  /** The hub is there, and could not take a run just now. */
  private readonly again = new Timer(() => void this.send());
  /** Cells that tell when they begin. */
  private readonly heard = new WeakSet<Cell>();

  constructor(private readonly options: RunReportsOptions) {
    this.kept = new KeptRuns(options.hub);
    NotebookActions.executionScheduled.connect((_actions, { cell }) => this.begin(cell));
    NotebookActions.executed.connect((_actions, { cell, success }) => this.end(cell, success, false));
  }

  /** Hear of the end of a panel's kernel. */
  follow({ sessionContext }: NotebookPanel): void {
    sessionContext.statusChanged.connect((_context, status) => {
      if (!ENDING.includes(status)) return;
      for (const [cell, { panel }] of [...this.running])
        if (panel.sessionContext === sessionContext) this.end(cell, false, true);
    });
  }

  onUp(): void {
    void this.send();
  }

  onDown(): void {}

  private begin(cell: Cell): void {
    const found = this.options.liveCell(cell);
    if (!found?.live.sharesRuns) return;
    this.running.set(cell, { ...found, startedAt: Date.now() });
    if (this.heard.has(cell)) return;
    this.heard.add(cell);
    cell.model.stateChanged.connect((_model, change) => {
      // Typed as if all states were true or false.
      const { name, newValue } = change as { name: string; newValue: unknown };
      const running = this.running.get(cell);
      // It may have had to wait for others.
      if (running && name === "executionState" && newValue === "running") running.startedAt = Date.now();
    });
  }

  private end(cell: Cell, isSuccess: boolean, isKernelGone: boolean): void {
    const running = this.running.get(cell);
    this.running.delete(cell);
    const opened = running?.live.opened;
    // They may have taken it back meanwhile.
    if (!running?.live.sharesRuns || !opened) return;
    const { outputs } = cell.model as unknown as { outputs?: { toJSON(): unknown[] } };
    const { startedAt } = running;
    const ended = {
      isSuccess,
      isKernelGone,
      startedAt,
      endedAt: Date.now(),
      outputs: outputs?.toJSON() ?? [],
    };
    this.unsent.set(opened.id, { cell: opened, run: lastRun(ended) });
    void this.send();
  }

  /** Send what there is, one after the other; what cannot be sent waits for the hub, the newest of each cell. */
  private async send(): Promise<void> {
    if (this.isSending) return;
    this.isSending = true;
    this.again.cancel();
    this.options.hub.line.follow(this);
    for (const [id, { cell, run }] of this.unsent) {
      if (!(await this.isSent(cell, run))) break;
      if (this.unsent.get(id)?.run === run) this.unsent.delete(id);
    }
    this.isSending = false;
    if (this.unsent.size) {
      this.again.start(this.backoff.nextDelay(false));
      return;
    }
    this.backoff.reset();
    this.options.hub.line.unfollow(this);
  }

  /** Whether a run need not be sent again. */
  private async isSent(cell: Opened, run: LastRun): Promise<boolean> {
    try {
      await this.kept.save(cell, run);
      return true;
    } catch (error) {
      console.info("teaching_nb: the last run could not be told", error);
      return error instanceof Refusal && !error.isPassing;
    }
  }
}
