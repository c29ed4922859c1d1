// What the page object needs inside the page. It drives JupyterLab through its own application object and commands:
// waiting for the "idle" indicator and pressing Shift+Enter loses the first execution now and then.
window.teachingTests = {
  ended: new Map(),

  panel() {
    return window.jupyterapp.shell.currentWidget;
  },

  ready() {
    return this.within(60, "the notebook is open and its kernel answers", this.becomeReady());
  },

  async becomeReady() {
    await window.jupyterapp.restored;
    while (!this.panel()?.context) await this.nextFrame();
    const context = this.panel().context;
    await context.ready;
    await context.sessionContext.ready;
    await context.sessionContext.session.kernel.info;
  },

  // A promise that never settles would hang the test without a word.
  within(seconds, what, promise) {
    const late = new Promise((_, reject) => {
      setTimeout(() => reject(new Error(`not within ${seconds} s: ${what}`)), seconds * 1000);
    });
    return Promise.race([promise, late]);
  },

  nextFrame() {
    return new Promise((resolve) => setTimeout(resolve, 20));
  },

  cell(id) {
    return this.panel().content.widgets.find((widget) => widget.model.id === id);
  },

  outputs(id) {
    return this.cell(id).model.outputs.toJSON();
  },

  isDone(id) {
    return this.ended.has(id);
  },

  mark(cell) {
    cell.node.dataset.testCell = cell.model.id;
    return cell.model.id;
  },

  // JupyterLab puts an empty cell into a notebook without cells, so the first one may be nobody's.
  lastCell() {
    return this.mark(this.panel().content.widgets.at(-1));
  },

  start(source) {
    const notebook = this.panel().content;
    notebook.model.sharedModel.addCell({ cell_type: "code", source });
    notebook.activeCellIndex = notebook.widgets.length - 1;
    const id = this.mark(notebook.activeCell);
    const run = window.jupyterapp.commands.execute("notebook:run-cell");
    run.finally(() => this.ended.set(id, true));
    return id;
  },

  async runAll() {
    const { widgets } = this.panel().content;
    const run = window.jupyterapp.commands.execute("notebook:run-all-cells");
    await this.within(60, "all cells have run", run);
    for (const cell of widgets) this.ended.set(cell.model.id, true);
    return widgets.map((cell) => this.mark(cell));
  },

  async value(expression) {
    const kernel = this.panel().context.sessionContext.session.kernel;
    const code = `__import__("json").dumps(${expression})`;
    const future = kernel.requestExecute({
      code: "",
      silent: true,
      store_history: false,
      user_expressions: { value: code },
    });
    const reply = await this.within(20, `the kernel evaluates ${expression}`, future.done);
    const answer = reply.content.user_expressions.value;
    if (answer.status !== "ok") throw new Error(`${answer.ename}: ${answer.evalue}`);
    const text = answer.data["text/plain"];
    // Python's repr of an ASCII JSON text: a backslash stands before quotes and backslashes only.
    return JSON.parse(text.slice(1, -1).replace(/\\(.)/g, "$1"));
  },

  editorText(editor) {
    const lines = [...editor.querySelectorAll(".cm-line")];
    return lines.map((line) => this.lineText(line)).join("\n");
  },

  // Placeholders and what stands for a special character are widgets inside the line.
  lineText(line) {
    const copy = line.cloneNode(true);
    for (const widget of copy.querySelectorAll("[contenteditable=false], .cm-widgetBuffer")) widget.remove();
    return copy.textContent.replaceAll("\u200b", "");
  },

  // The clipboard of the system may change line ends and leave out characters on its own.
  paste(editor, text) {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    editor.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  },

  async save() {
    await window.jupyterapp.commands.execute("docmanager:save");
  },

  async restartKernel() {
    const context = this.panel().context.sessionContext;
    await this.within(30, "the kernel restarts", context.restartKernel());
    await this.within(30, "the restarted kernel answers", context.session.kernel.info);
  },

  clear() {
    const model = this.panel().content.model.sharedModel;
    model.deleteCellRange(0, model.cells.length);
    this.ended.clear();
  },

  // A setter, because JupyterLab opens what its workspace shows as soon as it is there.
  startNoKernels() {
    let app;
    Object.defineProperty(window, "jupyterapp", {
      get: () => app,
      set: (made) => {
        app = made;
        const preferred = app.docRegistry.getKernelPreference.bind(app.docRegistry);
        app.docRegistry.getKernelPreference = (...file) => ({ ...preferred(...file), shouldStart: false });
      },
    });
  },

  async show(path) {
    return this.within(60, `${path} is open`, this.becomeShown(path));
  },

  async becomeShown(path) {
    const { commands, restored, shell } = window.jupyterapp;
    await restored;
    const panel = await commands.execute("docmanager:open", { path });
    await panel.context.ready;
    shell.activateById(panel.id);
    while (this.panel() !== panel) await this.nextFrame();
  },

  async startKernel() {
    const context = this.panel().context.sessionContext;
    await context.ready;
    await context.changeKernel({ name: "python3" });
    await this.within(60, "the kernel answers", context.session.kernel.info);
  },

  // Disposed of instead of closed, which would ask whether to save.
  async closeAll() {
    const { shell } = window.jupyterapp;
    const documents = () => [...shell.widgets("main")].filter(({ context }) => context);
    for (const panel of documents()) panel.dispose();
    if (document.querySelector(".jp-Dialog, .jp-NotebookPanel")) throw new Error("a notebook or dialog is left");
  },

  async setNotebooks(settings) {
    await window.jupyterapp.restored;
    const { docRegistry } = window.jupyterapp;
    const widgets = docRegistry.getWidgetFactory("Notebook");
    const { windowingMode, disableDocumentWideUndoRedo } = widgets.notebookConfig;
    widgets.notebookConfig = { ...widgets.notebookConfig, ...settings };
    docRegistry.getModelFactory("notebook").disableDocumentWideUndoRedo =
      widgets.notebookConfig.disableDocumentWideUndoRedo;
    return { windowingMode, disableDocumentWideUndoRedo };
  },

  // As in the editor of the settings. Nothing public leads to them from outside of a plugin.
  async changeSettings(plugin, values) {
    const { pluginRegistry } = window.jupyterapp;
    const registry = pluginRegistry._plugins.get("@jupyterlab/apputils-extension:settings").service;
    const settings = await registry.load(plugin);
    for (const [key, value] of Object.entries(values)) await settings.set(key, value);
  },

  hideSidebars() {
    window.jupyterapp.shell.collapseLeft();
    window.jupyterapp.shell.collapseRight();
  },

  async setTheme(theme) {
    await window.jupyterapp.commands.execute("apputils:change-theme", { theme });
  },
};
