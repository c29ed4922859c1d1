// What tells teachers of the runs of live cells is loaded when somebody lets it: most notebooks do not ask for that.

import type { Cell } from "@jupyterlab/cells";
import type { NotebookPanel } from "@jupyterlab/notebook";
import type { LiveCell } from "../cells/live-cell";
import type { ServerHub } from "./hub";
import type { LiveNotebook } from "./live-notebook";
import { loaded } from "./loaded";
import type { RunReports } from "./run-reports";
import type { SharedCell } from "./shared-cell";

export class Runs {
  private reports: RunReports | null = null;
  private loading: Promise<RunReports> | null = null;

  constructor(
    private readonly hub: ServerHub,
    private readonly notebooks: Map<NotebookPanel, LiveNotebook>,
  ) {}

  follow(panel: NotebookPanel): void {
    this.reports?.follow(panel);
  }

  /** Have them told from now on; whether that can be. */
  async areTold(): Promise<boolean> {
    try {
      this.loading ??= loaded(import("./run-reports")).then(({ RunReports }) => this.begun(RunReports));
      await this.loading;
      return true;
    } catch {
      this.loading = null;
      return false;
    }
  }

  private begun(Reports: typeof RunReports): RunReports {
    this.reports = new Reports({ hub: this.hub, liveCell: (cell) => this.liveCell(cell) });
    for (const panel of this.notebooks.keys()) this.reports.follow(panel);
    return this.reports;
  }

  private liveCell({ model }: Cell): { panel: NotebookPanel; live: LiveCell } | null {
    for (const [panel, notebook] of this.notebooks) {
      const live = notebook.liveCell(model.sharedModel as unknown as SharedCell);
      if (live) return { panel, live };
    }
    return null;
  }
}
