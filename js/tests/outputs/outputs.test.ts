import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  follow,
  type Output,
  OutputArea,
  outputTemplate,
  type Place,
  type Step,
} from "../../src/outputs/outputs";
import { elementOf } from "../../src/ui/elements";
import { FakeModel } from "../fake-model";

const print = (id: number, text: string): Output => ({ id, type: "stream", name: "stdout", text });
const show = (id: number, data: Record<string, unknown>, metadata = {}): Output => ({
  id,
  type: "display",
  data,
  metadata,
});

let stop: AbortController;

beforeEach(() => {
  stop = new AbortController();
  document.body.replaceChildren();
});

afterEach(() => stop.abort());

function aPlace(widget_manager?: unknown): Place {
  const model = new FakeModel();
  model.widget_manager = widget_manager;
  return { model, signal: stop.signal };
}

function anArea(place = aPlace()): OutputArea {
  const area = new OutputArea(place.model, place.signal);
  document.body.append(area.el);
  return area;
}

const drawn = (data: Record<string, unknown>, metadata = {}, place = aPlace()) =>
  elementOf(outputTemplate(show(1, data, metadata), place));

function frames(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => resolve()));
}

test("outputs follow the kernel's steps", () => {
  const steps: Step[] = [
    { op: "add", output: print(1, "a") },
    { op: "text", id: 1, drop: 0, rewind: false, text: "b" },
    { op: "add", output: show(2, { "text/plain": "1" }) },
    { op: "set", output: show(2, { "text/plain": "2" }) },
  ];

  const outputs = follow([], steps);

  expect(outputs).toEqual([print(1, "ab"), show(2, { "text/plain": "2" })]);
  expect(follow(outputs, [{ op: "drop", ids: [1] }])).toEqual([show(2, { "text/plain": "2" })]);
  expect(follow(outputs, [{ op: "clear" }])).toEqual([]);
  expect(follow(outputs, [{ op: "all", outputs: [print(9, "z")] }])).toEqual([print(9, "z")]);
});

test.each([
  ["goes on", 0, false, "1\n2\nhalf more"],
  ["loses lines in front", 2, false, "half more"],
  ["has its unfinished line written anew", 0, true, "1\n2\n more"],
  ["has all of it written anew", 2, true, " more"],
])("a text %s", (_name, drop, rewind, wanted) => {
  const text: Step = { op: "text", id: 1, drop, rewind, text: " more" };

  expect(follow([print(1, "1\n2\nhalf")], [text])).toEqual([print(1, wanted)]);
});

test("outputs that did not change keep their elements", async () => {
  const area = anArea();
  const picture = show(2, { "image/png": "aaaa" });
  area.show([print(1, "before"), picture]);
  await frames();
  const image = area.el.querySelector("img");

  area.show([picture, print(3, "more")]);
  await frames();

  expect(image).not.toBeNull();
  expect(area.el.querySelector("img")).toBe(image);
  expect(area.el.textContent).toBe("more");
});

test("an output area without outputs is hidden", async () => {
  const area = anArea();
  expect(area.el.hidden).toBe(true);

  area.show([print(1, "x")]);
  await frames();
  expect(area.el.hidden).toBe(false);

  area.show([]);
  await frames();
  expect(area.el.hidden).toBe(true);
});

test("errors show their traceback", () => {
  const element = elementOf(
    outputTemplate(
      {
        id: 1,
        type: "error",
        ename: "KeyError",
        evalue: "'x'",
        traceback: ["\x1b[31mKeyError\x1b[0m: 'x'"],
      },
      aPlace(),
    ),
  );

  expect(element.textContent).toBe("KeyError: 'x'");
  expect(element.getAttribute("aria-label")).toBe("Error: KeyError");
});

test("html of others goes into a frame that shares nothing with the page", () => {
  const element = drawn({ "text/html": "<script>parent.hacked = 1</script>", "text/plain": "x" });

  const frame = element.querySelector("iframe");
  expect(frame?.getAttribute("sandbox")).toBe("allow-scripts");
  expect(frame?.srcdoc).toContain("default-src 'none'");
  expect(element.querySelector("script")).toBeNull();
});

test("svg of others is an image, never part of the page", () => {
  const svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";

  const element = drawn({ "image/svg+xml": svg });

  expect(element.querySelector("svg")).toBeNull();
  expect(element.querySelector("img")?.src).toMatch(/^data:image\/svg\+xml/);
});

test("what cannot be shown is said in words", () => {
  const element = drawn({ "application/x-unknown": {}, "text/plain": "<Unknown>" });

  expect(element.textContent).toContain("<Unknown>");
  expect(element.textContent).toContain("An output that cannot be shown here: application/x-unknown.");
});

test("a picture has the size that it was given", () => {
  const data = { "image/png": "aaaa" };

  const image = drawn(data, { "image/png": { width: 120, height: 60 } }).querySelector("img");
  expect([image?.getAttribute("width"), image?.getAttribute("height")]).toEqual(["120", "60"]);

  const wide = drawn(data, { "image/png": { width: 120 } }).querySelector("img");
  expect([wide?.getAttribute("width"), wide?.getAttribute("height")]).toEqual(["120", null]);
});

test("sound and film are played", () => {
  expect(drawn({ "audio/wav": "aaaa" }).querySelector("audio")?.src).toBe("data:audio/wav;base64,aaaa");
  expect(drawn({ "video/mp4": "aaaa" }).querySelector("video")?.controls).toBe(true);
});

test("formulas are drawn by the front end, and are text where it does not", async () => {
  const front = new FakeFrontEnd();

  const element = drawn({ "text/latex": "$x^2$", "text/plain": "x**2" }, {}, aPlace(front));
  await vi.waitFor(() => expect(element.textContent).toBe("drawn text/latex"));
  expect(front.models).toEqual([
    { data: { "text/latex": "$x^2$", "text/plain": "x**2" }, metadata: {}, trusted: false },
  ]);
  expect(front.told).toEqual(["before-attach", "after-attach"]);
  stop.abort();
  expect(front.told.slice(2)).toEqual(["before-detach", "after-detach", "disposed"]);

  expect(drawn({ "text/latex": "$x^2$", "text/plain": "x**2" }).textContent).toBe("$x^2$");
});

test("what a library has a renderer for goes before html, and what is not safe does not", async () => {
  const data = { "application/x-chart+json": {}, "text/html": "<b>", "text/plain": "chart" };

  const element = drawn(data, {}, aPlace(new FakeFrontEnd()));
  await vi.waitFor(() => expect(element.textContent).toBe("drawn application/x-chart+json"));

  const unsafe = drawn(data, {}, aPlace(new FakeFrontEnd(["application/x-chart+json"])));
  expect(unsafe.querySelector("iframe")).not.toBeNull();
});

test("a widget of the kernel is shown, and one that is gone is named", async () => {
  const place = aPlace(new FakeFrontEnd());
  const widget = (model_id: string) => ({ "application/vnd.jupyter.widget-view+json": { model_id } });

  const there = drawn({ ...widget("slider"), "text/plain": "IntSlider()" }, {}, place);
  await vi.waitFor(() => expect(there.textContent).toBe("drawn slider"));

  vi.spyOn(console, "info").mockImplementation(() => {});
  const gone = drawn(widget("gone"), {}, place);
  await vi.waitFor(() => expect(gone.textContent).toBe("This widget is not there any more."));
  expect(drawn({ ...widget("slider"), "text/plain": "IntSlider()" }).textContent).toContain("IntSlider()");
});

test("html takes the colours of the theme, whatever the system prefers, and those of a later theme", async () => {
  document.body.dataset.jpThemeLight = "true";
  document.body.style.setProperty("--jp-content-font-color1", "rgb(1, 2, 3)");
  const frame = drawn({ "text/html": "<table>" }).querySelector("iframe");
  document.body.append(frame as HTMLIFrameElement);
  expect(frame?.srcdoc).toContain("--text: rgb(1, 2, 3)");
  expect(frame?.srcdoc).toContain("color-scheme: light;");
  expect(frame?.srcdoc).not.toContain("light dark");

  const post = vi.spyOn(frame?.contentWindow as Window, "postMessage");
  document.body.style.setProperty("--jp-content-font-color1", "rgb(250, 250, 250)");
  document.body.dataset.jpThemeLight = "false";

  await vi.waitFor(() => expect(post).toHaveBeenCalled());
  expect(frame?.style.colorScheme).toBe("dark");
  expect(JSON.stringify(post.mock.calls.at(-1))).toContain("--text: rgb(250, 250, 250)");
});

/** What JupyterLab's widget manager has for drawing. */
class FakeFrontEnd {
  readonly models: unknown[] = [];
  readonly told: string[] = [];
  readonly rendermime: object;

  constructor(unsafe: string[] = []) {
    this.rendermime = {
      preferredMimeType: (bundle: object) => Object.keys(bundle).find((mime) => !unsafe.includes(mime)),
      createModel: (options: unknown) => {
        this.models.push(options);
        return options;
      },
      createRenderer: (mime: string) => this.lumino(mime),
    };
  }

  async get_model(id: string): Promise<string> {
    if (id === "gone") throw new Error("widget model not found");
    return id;
  }

  async create_view(id: string): Promise<object> {
    return { luminoWidget: this.lumino(id) };
  }

  private lumino(name: string): object {
    const node = document.createElement("div");
    node.textContent = `drawn ${name}`;
    return {
      node,
      renderModel: async () => {},
      processMessage: ({ type }: { type: string }) => this.told.push(type),
      dispose: () => this.told.push("disposed"),
    };
  }
}
