// Where the hub keeps how the last run of a cell has ended: in a document below that of the cell.

import type { Opened } from "../cells/open-document";
import { Refusal } from "../cells/refusal";
import type { LastRun } from "../schema/types/last_run";
import type { ServerHub } from "./hub";

export const LAST_RUN_TYPE = "last_run";

export class KeptRuns {
  /** Document of a cell → that of its last run. */
  private readonly runs = new Map<string, string>();

  constructor(private readonly hub: ServerHub) {}

  /** Keep how the last run of a cell has ended. */
  async save(cell: Opened, run: LastRun): Promise<void> {
    const known = this.runs.get(cell.id) ?? (await this.madeRun(cell, run));
    if (known === null) return;
    try {
      await this.hub.ask(`documents/${known}`, { data: run }, "PUT");
      this.runs.set(cell.id, known);
    } catch (error) {
      // Deleted with its cell's document, which may be there again.
      this.runs.delete(cell.id);
      throw error;
    }
  }

  /** Make the document of a last run; the id of the one that is there already, null when it is new. */
  private async madeRun({ documentRootId, id: parentId }: Opened, data: LastRun): Promise<string | null> {
    try {
      const wanted = { type: LAST_RUN_TYPE, documentRootId, parentId, data };
      const made = (await this.hub.ask("documents?uniqueMain=true", wanted)) as { id: string };
      this.runs.set(parentId, made.id);
      return null;
    } catch (error) {
      if (error instanceof Refusal && error.document) return error.document;
      throw error;
    }
  }
}
