// Runs in a measured page: starts a cell and notes when the widgets that it shows can be used.
window.openingWatch = {
  widgets() {
    return [...document.querySelectorAll(".jp-OutputArea-output .tnb-widget")];
  },

  // An editor with its text, or the button of a task.
  isShown(widget) {
    return Boolean(widget.querySelector(".tnb-task-button") || widget.querySelector(".cm-line")?.textContent);
  },

  isReady(widget) {
    const isSaved = widget.querySelector(".tnb-status")?.textContent.includes("Saved");
    return Boolean(isSaved && (!widget.querySelector(".cm-editor") || widget.dataset.road === "lane"));
  },

  async show(cell, count) {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = cell;
    const start = performance.now();
    const since = () => performance.now() - start;
    const times = {};
    window.jupyterapp.commands.execute("notebook:run-cell").then(() => (times.cell = since()));
    while (!times.ready || !times.cell) {
      if (since() > 60_000) throw new Error(`after a minute: ${JSON.stringify(times)}`);
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const widgets = this.widgets();
      if (widgets.length < count) continue;
      if (widgets.every(this.isShown)) times.shown ??= since();
      if (widgets.every(this.isReady)) times.ready ??= since();
    }
    return { ...times, ...this.loaded() };
  },

  loaded() {
    const files = performance.getEntriesByType("resource").filter(({ name }) => name.includes("/teaching/static/"));
    return { files: files.length, size: files.reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0) };
  },
};
