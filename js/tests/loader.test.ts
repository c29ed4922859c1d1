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
