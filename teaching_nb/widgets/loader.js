// Loads the browser half of teaching_nb once per page and hands each widget to it.
// Sent with every widget instance, therefore short. The bundle comes from the Jupyter server extension, in modules that
// load each other; where that is missing (another front end), the kernel sends all of it in one file over the comm.

const LOADED = Symbol.for("teaching_nb.bundle");
const NOT_BUILT =
  "This widget has no browser half: the bundle was not built. Run “npm ci && npm run build” in the folder js, then run this cell again.";

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

export default () => {
  let widget;
  return {
    // Returns at once: anywidget gives up on an `initialize` that takes two seconds.
    initialize({ model, signal }) {
      widget = loadOnce(model).then((bundle) => bundle.initialize(model.get("kind"), { model, signal }));
      widget.catch(() => {});
    },
    async render({ model, el, signal }) {
      const note = document.createElement("p");
      note.setAttribute("role", "status");
      note.textContent = "Loading …";
      el.append(note);
      try {
        const loaded = await widget;
        note.remove();
        if (!signal.aborted) loaded.render({ model, el, signal });
      } catch (error) {
        note.setAttribute("role", "alert");
        note.textContent = error.message === NOT_BUILT ? NOT_BUILT : `This widget could not be loaded: ${error.message}.`;
      }
    },
  };
};
