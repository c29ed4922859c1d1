// The JupyterLab extension: cells of notebooks as live documents.

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette, Notification } from "@jupyterlab/apputils";
import {
  EditorExtensionRegistry,
  IEditorExtensionRegistry,
  IEditorLanguageRegistry,
} from "@jupyterlab/codemirror";
import { INotebookTracker, NotebookActions, type NotebookPanel } from "@jupyterlab/notebook";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { endLinesWithFeeds } from "../cells/line-ends";
import { OpenDocuments } from "../cells/open-documents";
import { UnsentStore } from "../cells/unsent-store";
import { UntoldTexts } from "../cells/untold";
import { BrowserUntoldStore } from "../cells/untold-store";
import { offerRealCells } from "../jupyter/real-cells";
import { speak } from "../text/words";
import { CellEditors } from "./cell-editors";
import { addClassPanel } from "./class-panel-plugin";
import { Courses } from "./courses";
import { ServerHub } from "./hub";
import { showKeptOutputs } from "./kept-outputs";
import { LiveNotebook } from "./live-notebook";
import { loaded } from "./loaded";
import { MadeCells } from "./made-cells";
import { addMarking, CONNECT, MARK } from "./marking";
import { RenderedSigns } from "./rendered-signs";
import { Runs } from "./runs";
import type { SharedCell } from "./shared-cell";
import { Watching } from "./watching";
import { writeOutputs } from "./written-outputs";

const ID = "teaching-nb:cells";

const cells: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: "Makes cells of notebooks live documents of a class.",
  autoStart: true,
  requires: [INotebookTracker, IEditorExtensionRegistry, ISettingRegistry],
  optional: [ICommandPalette, IEditorLanguageRegistry],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    extensions: IEditorExtensionRegistry,
    settings: ISettingRegistry,
    palette: ICommandPalette | null,
    languages: IEditorLanguageRegistry | null,
  ) => {
    const hub = new ServerHub(app.serviceManager.serverSettings);
    const editors = new CellEditors(hub, () => void app.commands.execute(MARK));
    // At once: editors take what is known of when they are made.
    addEditorExtension(extensions, editors);
    // All else is drawn or named. JupyterLab has its language by now: what we need needs it.
    void speak().then(() => start({ app, tracker, settings, palette, languages, hub, editors }));
  },
};

interface Parts {
  app: JupyterFrontEnd;
  tracker: INotebookTracker;
  settings: ISettingRegistry;
  palette: ICommandPalette | null;
  languages: IEditorLanguageRegistry | null;
  hub: ServerHub;
  editors: CellEditors;
}

function start({ app, tracker, settings, palette, languages, hub, editors }: Parts): void {
  const notebooks = new Map<NotebookPanel, LiveNotebook>();
  const courses = new Courses(settings.load(ID));
  const documents = keptDocuments(hub);
  const watching = new Watching({ app, documents, hub, languages });
  const tell = {
    say: (words: string) => void Notification.warning(words, { autoClose: 12_000 }),
    changed: () => {
      panel.changed();
      signs.changed();
      for (const [notebook, live] of notebooks) offerConnecting(app, notebook, live);
    },
    mayGoLive: (course: string) => courses.ask(course),
    isAllowed: (course: string) => courses.isAllowed(course),
    letsRuns: (course: string) => courses.letsRuns(course),
    mayShareRuns: async (course: string) =>
      !(await isTeacher(hub)) && (await courses.askForRuns(course)) && (await runs.areTold()),
  };
  const signs = new RenderedSigns(notebooks);
  const panel = addClassPanel({ app, tracker, palette, hub, notebooks, watching });
  const runs = new Runs(hub, notebooks);
  courses.onChange(() => {
    for (const notebook of new Set(notebooks.values())) void notebook.reconsider();
  });
  const follow = (notebook: NotebookPanel) => {
    // Two panels may show one notebook.
    const [, known] = [...notebooks].find(([other]) => other.context === notebook.context) ?? [];
    if (!known) writeOutputs(notebook.context);
    notebooks.set(notebook, known ?? new LiveNotebook(notebook.context, documents, editors, tell));
    notebook.disposed.connect(() => notebooks.delete(notebook));
    runs.follow(notebook);
    showKeptOutputs(notebook);
  };
  tracker.forEach(follow);
  tracker.widgetAdded.connect((_tracker, panel) => follow(panel));
  NotebookActions.executionScheduled.connect((_actions, { cell }) => {
    for (const notebook of notebooks.values())
      notebook.liveCell(cell.model.sharedModel as unknown as SharedCell)?.ran();
  });
  addMarking({ app, tracker, palette, hub, courses, notebookOf: (panel) => notebooks.get(panel) ?? null });
  offerRealCells(new MadeCells({ tracker, courses, notebookOf: (panel) => notebooks.get(panel) ?? null }));
  followPage(() => [...notebooks.values()], watching);
}

function addEditorExtension(extensions: IEditorExtensionRegistry, editors: CellEditors): void {
  extensions.addExtension({
    name: "teaching-nb:cell",
    factory: ({ model }) => {
      const shared: unknown = model.sharedModel;
      const isCell = typeof shared === "object" && shared !== null && "cell_type" in shared;
      if (!isCell) return null;
      endLinesWithFeeds(shared as unknown as SharedCell);
      return EditorExtensionRegistry.createImmutableExtension(editors.extension(shared));
    },
  });
}

const apart = new WeakSet<NotebookPanel>();

/** A notebook that is not connected says so in a line above it. */
function offerConnecting(app: JupyterFrontEnd, notebook: NotebookPanel, live: LiveNotebook): void {
  const { isApart } = live;
  if (isApart === apart.has(notebook)) return;
  if (isApart) apart.add(notebook);
  else apart.delete(notebook);
  void loaded(import("./connect-bar")).then(({ showBar }) =>
    showBar(notebook, live.isApart, live.marks.course, () => void app.commands.execute(CONNECT)),
  );
}

/** Documents whose edits are kept in the browser, where it can. */
function keptDocuments(hub: ServerHub): OpenDocuments {
  if (typeof indexedDB === "undefined") return new OpenDocuments(hub, null);
  const untold = new UntoldTexts(new BrowserUntoldStore(), () => hub.caller());
  return new OpenDocuments(hub, new UnsentStore(), undefined, untold);
}

/** Whether the user is known as a teacher; not while the hub is away. */
async function isTeacher(hub: ServerHub): Promise<boolean> {
  try {
    return (await hub.me()).isElevated === true;
  } catch {
    return false;
  }
}

/** Hidden, asleep, offline, left: what happens to the page around its notebooks. */
function followPage(notebooks: () => LiveNotebook[], watching: Watching): void {
  const wake = () => {
    if (document.visibilityState !== "visible") return;
    for (const notebook of notebooks()) notebook.wake();
    watching.wake();
  };
  document.addEventListener("visibilitychange", wake);
  document.addEventListener("resume", wake);
  window.addEventListener("online", wake);
  // What is kept in the browser is not lost with the page.
  window.addEventListener("beforeunload", (event) => {
    for (const notebook of notebooks()) notebook.flush();
    if (notebooks().some(({ isAtRisk }) => isAtRisk)) event.preventDefault();
  });
  window.addEventListener("pagehide", () => {
    for (const notebook of notebooks()) notebook.flush();
  });
}

export default [cells];
