// Loads the browser half of teaching_nb once per page and hands each widget to it.
// Sent with every widget instance, therefore short. The bundle comes from the Jupyter server extension, in modules that
// load each other; where that is missing (another front end), the kernel sends all of it in one file over the comm.
// Without a kernel there is no document to show, only what a notebook's file has kept of it: that is drawn here, also in
// pages that have nothing else of ours, such as an exported notebook.

const LOADED = Symbol.for("teaching_nb.bundle");
const NOT_BUILT =
  "This widget has no browser half: the bundle was not built. Run “npm ci && npm run build” in the folder js, then run this cell again.";
// The loader stands alone: what it says itself in German, where the front end is (docs/languages.md).
const GERMAN = {
  "Loading …": "Wird geladen …",
  "This is what the notebook has kept. ": "Das hat das Notebook aufbewahrt. ",
  "Run this cell to go on.": "Diese Zelle ausführen, um weiterzuarbeiten.",
};
const t = (words) => (/^de\b/i.test(document.documentElement.lang) && GERMAN[words]) || words;
const KEPT_TEXT = {
  margin: "0",
  padding: "8px",
  border: "1px dashed var(--jp-border-color1, #bdbdbd)",
  fontFamily: "var(--jp-code-font-family, monospace)",
  fontSize: "13px",
  whiteSpace: "pre-wrap",
  overflowWrap: "anywhere",
};

export function bundleUrl(hash) {
  const config = document.getElementById("jupyter-config-data");
  const base = JSON.parse(config.textContent).baseUrl;
  if (!base) throw new Error("the page names no base URL");
  return new URL(`${base}teaching/static/page-${hash}.js`, document.baseURI).href;
}

export function askKernel(model, milliseconds = 20000) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => finish(reject, new Error("the kernel did not send it in time")), milliseconds);
    const receive = (message, buffers) => {
      if (message?.kind !== "bundle") return;
      if (buffers?.length) finish(resolve, buffers[0]);
      else finish(reject, new Error("the kernel has none"));
    };
    function finish(settle, value) {
      clearTimeout(timer);
      model.off("msg:custom", receive);
      settle(value);
    }
    model.on("msg:custom", receive);
    model.send({ kind: "bundle" });
  });
}

async function importBytes(bytes) {
  const url = URL.createObjectURL(new Blob([bytes], { type: "text/javascript" }));
  try {
    return await import(/* @vite-ignore */ url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

export async function importBundle(model, hash, load = (url) => import(/* @vite-ignore */ url)) {
  try {
    return await load(bundleUrl(hash));
  } catch (error) {
    console.info("teaching_nb: no bundle at the Jupyter server, asking the kernel", error);
    return importBytes(await askKernel(model));
  }
}

function loadOnce(model) {
  const hash = model.get("bundle_hash");
  if (!hash) return Promise.reject(new Error(NOT_BUILT));
  globalThis[LOADED] ??= new Map();
  const known = globalThis[LOADED];
  if (!known.has(hash)) {
    const loading = importBundle(model, hash);
    loading.catch(() => known.delete(hash));
    known.set(hash, loading);
  }
  return known.get(hash);
}

// Whether a widget comes out of a file: it has no comm, and there is nobody to wait for. `get_model` and `comm_live` are
// public in all widget managers; in a front end without them less is known.
export async function isKept(model) {
  const manager = model.widget_manager;
  const id = model.get("own_id");
  if (!id || typeof manager?.get_model !== "function") return false;
  try {
    return (await manager.get_model(id)).comm_live === false;
  } catch {
    return false;
  }
}

export function showKept(model, el) {
  const [title, text] = [model.get("title"), model.get("snapshot")];
  const box = document.createElement("section");
  box.setAttribute("aria-label", title || "teaching_nb");
  box.style.color = "var(--jp-ui-font-color2, #616161)";
  const add = (tag, words, style) => {
    const child = document.createElement(tag);
    child.textContent = words;
    Object.assign(child.style, style);
    box.append(child);
  };
  if (title) add("strong", title);
  const isText = typeof text === "string";
  const words = (isText ? t("This is what the notebook has kept. ") : "") + t("Run this cell to go on.");
  add("p", words, { fontStyle: "italic", margin: "4px 0" });
  if (isText) add("pre", text, KEPT_TEXT);
  el.append(box);
}

async function start(model, signal) {
  if (await isKept(model)) return null;
  const bundle = await loadOnce(model);
  return bundle.initialize(model.get("kind"), { model, signal });
}

export default () => {
  let widget;
  return {
    // Returns at once: anywidget gives up on an `initialize` that takes two seconds.
    initialize({ model, signal }) {
      widget = start(model, signal);
      widget.catch(() => {});
    },
    async render({ model, el, signal }) {
      const note = document.createElement("p");
      note.setAttribute("role", "status");
      note.textContent = t("Loading …");
      el.append(note);
      try {
        const loaded = await widget;
        note.remove();
        if (signal.aborted) return;
        if (loaded) loaded.render({ model, el, signal });
        else showKept(model, el);
      } catch (error) {
        note.setAttribute("role", "alert");
        note.textContent = error.message === NOT_BUILT ? NOT_BUILT : `This widget could not be loaded: ${error.message}.`;
      }
    },
  };
};
