// Runs in every measured page: notes when a key went down and when an awaited text stood in the editor.
// Times are milliseconds since the epoch on this machine's clock, which all pages of one machine share.
(() => {
  let keyAt = null;
  let clockOffset = 0;

  const wallClock = (monotonic) => performance.timeOrigin + monotonic + clockOffset;

  // performance.timeOrigin is guessed once per page; Date.now() is the machine's clock but counts whole milliseconds.
  // Where Date.now() ticks, both are known exactly, and the difference is what this page's guess is wrong by.
  const calibrate = (ticks = 20) => {
    const offsets = [];
    for (let tick = 0; tick < ticks; tick += 1) {
      const before = Date.now();
      let after = before;
      while (after === before) after = Date.now();
      offsets.push(after - (performance.timeOrigin + performance.now()));
    }
    offsets.sort((left, right) => left - right);
    clockOffset = offsets[Math.floor(ticks / 2)];
    return clockOffset;
  };

  // What a reader sees as the editor's text: widgets such as other people's carets carry names and are left out.
  const textOf = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    if (node.nodeType !== Node.ELEMENT_NODE) return "";
    if (node.getAttribute("contenteditable") === "false") return "";
    return Array.from(node.childNodes, textOf).join("");
  };

  const editorAt = (selector) => {
    const editor = document.querySelector(selector);
    if (editor === null) throw new Error(`no editor matches ${selector}`);
    return editor;
  };

  const whenTextHas = (selector, expected, timeoutMs) =>
    new Promise((resolve) => {
      const editor = editorAt(selector);
      const check = () => {
        if (textOf(editor).includes(expected)) finish(wallClock(performance.now()));
      };
      const observer = new MutationObserver(check);
      const timer = setTimeout(() => finish(null), timeoutMs);
      const finish = (at) => {
        observer.disconnect();
        clearTimeout(timer);
        resolve(at);
      };
      observer.observe(editor, { subtree: true, childList: true, characterData: true });
      check();
    });

  // The event's own time stamp is taken when the browser got the key, before a busy page could delay a listener.
  document.addEventListener(
    "keydown",
    (event) => {
      keyAt = wallClock(event.timeStamp);
    },
    true,
  );

  window.benchWatch = {
    calibrate,
    text: (selector) => textOf(editorAt(selector)),
    arm: (selector, expected, timeoutMs) => {
      window.benchWatch.arrival = whenTextHas(selector, expected, timeoutMs);
    },
    takeKeyTime: () => {
      const taken = keyAt;
      keyAt = null;
      return taken;
    },
  };
})();
