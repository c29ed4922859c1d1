// The files that are open below a tree: each is a widget of the kernel's, drawn by the front end.
import { html, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { widgetView } from "../../jupyter/manager";
import type { Model } from "../../jupyter/widget";
import { t } from "../../text/words";
import type { OpenedFile } from "./files-session";

/** Returns what draws them: what is drawn already stays as it is. */
export function openedFiles(model: Model, signal: AbortSignal): (opened: OpenedFile[]) => TemplateResult {
  const shown = new Map<string, { node: HTMLElement | undefined; stop: AbortController }>();
  const nodeOf = (file: OpenedFile) => {
    const known = shown.get(file.model_id);
    if (known) return known.node;
    const stop = new AbortController();
    const node = widgetView(model, file, stop.signal);
    shown.set(file.model_id, { node, stop });
    return node;
  };
  const keepOnly = (opened: OpenedFile[]) => {
    const ids = new Set(opened.map(({ model_id: id }) => id));
    for (const [id, { stop }] of shown) {
      if (ids.has(id)) continue;
      stop.abort();
      shown.delete(id);
    }
  };
  signal.addEventListener("abort", () => keepOnly([]));
  return (opened) => {
    keepOnly(opened);
    const parts = repeat(
      signal.aborted ? [] : opened,
      ({ model_id: id }) => id,
      (file) => html`<div data-file=${file.id}>${nodeOf(file) ?? otherwise()}</div>`,
    );
    return html`<div class="tnb-files-opened">${parts}</div>`;
  };
}

function otherwise(): TemplateResult {
  return html`<p>${t("This front end shows it in a cell only: files.cell(…).")}</p>`;
}
