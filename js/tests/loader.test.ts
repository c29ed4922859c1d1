import { afterEach, beforeEach, expect, test, vi } from "vitest";
// @ts-expect-error the loader is plain JavaScript: it is sent to the browser as it stands
import loader, { askKernel, bundleUrl, importBundle } from "../../teaching_nb/widgets/loader.js";
import { FakeModel } from "./fake-model";

const LOADED = Symbol.for("teaching_nb.bundle");

beforeEach(() => {
  document.body.innerHTML = `<script id="jupyter-config-data" type="application/json">{"baseUrl": "/user/ada/"}</script>`;
  (globalThis as Record<symbol, unknown>)[LOADED] = undefined;
});

afterEach(() => {
  vi.useRealTimers();
});

test("loader takes the bundle from the Jupyter server, below its base URL", () => {
  expect(new URL(bundleUrl("ABC")).pathname).toBe("/user/ada/teaching/static/page-ABC.js");
  // Its modules name it without anything behind, and would load it once more.
  expect(new URL(bundleUrl("ABC")).search).toBe("");
});

test("loader asks the kernel where there is no Jupyter server", async () => {
  document.body.innerHTML = "";
  const model = new FakeModel();
  model.onSend = ({ content }) => {
    if (content.kind === "bundle") queueMicrotask(() => model.receive({ kind: "bundle" }));
  };

  await expect(importBundle(model, "abc")).rejects.toThrow("the kernel has none");
  expect(model.sentOf("bundle")).toHaveLength(1);
});

test("loader asks the kernel when the server has no bundle", async () => {
  const model = new FakeModel();
  model.onSend = () => queueMicrotask(() => model.receive({ kind: "bundle" }));
  const notFound = () => Promise.reject(new Error("404"));

  await expect(importBundle(model, "abc", notFound)).rejects.toThrow("the kernel has none");
});

test("loader does not ask the kernel when the server has the bundle", async () => {
  const model = new FakeModel();
  const bundle = { initialize: () => ({}) };

  await expect(importBundle(model, "abc", () => Promise.resolve(bundle))).resolves.toBe(bundle);
  expect(model.sent).toEqual([]);
});

test("loader gives up on a kernel that does not answer", async () => {
  vi.useFakeTimers();
  const model = new FakeModel();

  const asked = expect(askKernel(model, 5000)).rejects.toThrow("in time");
  await vi.advanceTimersByTimeAsync(5000);

  await asked;
  expect(model.listenerCount("msg:custom")).toBe(0);
});

test("loader says what to do when the bundle was not built", async () => {
  const el = document.createElement("div");
  const widget = loader();
  const signal = new AbortController().signal;

  widget.initialize({ model: new FakeModel({ bundle_hash: "" }), signal });
  await widget.render({ model: new FakeModel(), el, signal });

  expect(el.textContent).toContain("npm run build");
  expect(el.querySelector("[role=alert]")).not.toBeNull();
});

/** What a front end makes of the traits that a notebook's file has kept, in JupyterLab and in an exported notebook alike. */
function aKeptModel(traits: Record<string, unknown>, kept = { comm_live: false as unknown }): FakeModel {
  const model = new FakeModel({ own_id: "w1", bundle_hash: "", ...traits });
  model.widget_manager = {
    get_model: async (id: string) => (id === "w1" ? kept : Promise.reject(new Error())),
  };
  return model;
}

async function shown(model: FakeModel): Promise<HTMLElement> {
  const el = document.createElement("div");
  const widget = loader();
  const signal = new AbortController().signal;
  widget.initialize({ model, signal });
  await widget.render({ model, el, signal });
  return el;
}

test("a widget without a kernel shows what the notebook has kept, as text, and asks nobody", async () => {
  const text = "x = '<img src=x onerror=alert(1)>'\n";
  const model = aKeptModel({
    title: "<b>fib</b>",
    kind: "code",
    save_state: "saved",
    snapshot: text,
    bundle_hash: "h",
  });

  const el = await shown(model);

  expect(el.querySelector("pre")?.textContent).toBe(text);
  expect(el.querySelector("strong")?.textContent).toBe("<b>fib</b>");
  expect(el.textContent).toContain("Run this cell to go on.");
  expect(el.textContent).not.toMatch(/Saved|does not answer|Loading/);
  expect(model.sent).toEqual([]);
});

test("of a widget without a kernel that keeps nothing it is said how to go on", async () => {
  const el = await shown(aKeptModel({ title: "", snapshot: null }));

  expect(el.querySelector("pre")).toBeNull();
  expect(el.textContent).toBe("Run this cell to go on.");
});

test("what the loader says itself is German where the front end is", async () => {
  document.documentElement.lang = "de-CH";
  const el = await shown(aKeptModel({ title: "", snapshot: "x" }));
  document.documentElement.lang = "";

  expect(el.querySelector("p")?.textContent).toBe(
    "Das hat das Notebook aufbewahrt. Diese Zelle ausführen, um weiterzuarbeiten.",
  );
});

test.each([
  ["with a kernel", aKeptModel({}, { comm_live: true })],
  ["in a front end that does not say", aKeptModel({}, { comm_live: undefined })],
  ["whose model is not found", aKeptModel({ own_id: "other" })],
])("a widget %s is not taken for a kept one", async (_where, model) => {
  const el = await shown(model);

  expect(el.textContent).toContain("npm run build");
});
