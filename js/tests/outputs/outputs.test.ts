import { expect, test } from "vitest";
import { follow, type Output, OutputArea, outputTemplate, type Step } from "../../src/outputs/outputs";
import { elementOf } from "../../src/ui/elements";

const print = (text: string): Output => ({ type: "stream", name: "stdout", text });

function frames(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => resolve()));
}

test("outputs follow the kernel's steps", () => {
  const steps: Step[] = [
    { op: "add", output: print("a") },
    { op: "text", text: "b" },
    { op: "add", output: { type: "display", data: { "text/plain": "1" } } },
    { op: "set", index: 1, output: { type: "display", data: { "text/plain": "2" } } },
  ];

  const outputs = follow([], steps);

  expect(outputs).toEqual([print("ab"), { type: "display", data: { "text/plain": "2" } }]);
  expect(follow(outputs, [{ op: "clear" }])).toEqual([]);
  expect(follow(outputs, [{ op: "all", outputs: [print("z")] }])).toEqual([print("z")]);
});

test("outputs that did not change keep their elements", async () => {
  const area = new OutputArea();
  area.apply([{ op: "add", output: { type: "display", data: { "image/png": "aaaa" } } }]);
  await frames();
  const image = area.el.querySelector("img");

  area.apply([{ op: "add", output: print("more") }]);
  await frames();

  expect(area.el.querySelector("img")).toBe(image);
  expect(area.el.textContent).toBe("more");
});

test("an output area without outputs is hidden", async () => {
  const area = new OutputArea();
  expect(area.el.hidden).toBe(true);

  area.apply([{ op: "add", output: print("x") }]);
  await frames();
  expect(area.el.hidden).toBe(false);

  area.apply([{ op: "clear" }]);
  await frames();
  expect(area.el.hidden).toBe(true);
});

test("errors show their traceback", () => {
  const element = elementOf(
    outputTemplate({
      type: "error",
      ename: "KeyError",
      evalue: "'x'",
      traceback: ["\x1b[31mKeyError\x1b[0m: 'x'"],
    }),
  );

  expect(element.textContent).toBe("KeyError: 'x'");
  expect(element.getAttribute("aria-label")).toBe("Error: KeyError");
});

test("html of others goes into a frame that shares nothing with the page", () => {
  const element = elementOf(
    outputTemplate({
      type: "display",
      data: { "text/html": "<script>parent.hacked = 1</script>", "text/plain": "x" },
    }),
  );

  const frame = element.querySelector("iframe");
  expect(frame?.getAttribute("sandbox")).toBe("allow-scripts");
  expect(frame?.srcdoc).toContain("default-src 'none'");
  expect(element.querySelector("script")).toBeNull();
});

test("svg of others is an image, never part of the page", () => {
  const svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";

  const element = elementOf(outputTemplate({ type: "display", data: { "image/svg+xml": svg } }));

  expect(element.querySelector("svg")).toBeNull();
  expect(element.querySelector("img")?.src).toMatch(/^data:image\/svg\+xml/);
});

test("what cannot be shown is said in words", () => {
  const element = elementOf(outputTemplate({ type: "display", data: { "application/x-unknown": {} } }));

  expect(element.textContent).toContain("application/x-unknown");
});
