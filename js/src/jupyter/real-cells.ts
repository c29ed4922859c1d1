// A widget's text can become a real notebook cell where the JupyterLab extension is. The two are bundled apart, and find
// each other on the page.

/** How a notebook cell names the document of a widget. */
export interface WidgetMark {
  document: string;
  type: string;
  shared: false | true | "read";
  course: string;
}

export interface RealCells {
  /** Whether an element stands below a cell of a notebook whose cells can be live. */
  canMake(below: Element, mark: WidgetMark): boolean;
  /** Put a live cell of the document below that cell; `text` is what the widget shows. */
  make(below: Element, mark: WidgetMark, text: string): Promise<void>;
}

const REAL_CELLS = Symbol.for("teaching_nb real cells 1");

/** What the extension offers; null where there is none. */
export function realCells(): RealCells | null {
  return (globalThis as { [REAL_CELLS]?: RealCells })[REAL_CELLS] ?? null;
}

export function offerRealCells(offered: RealCells): void {
  (globalThis as { [REAL_CELLS]?: RealCells })[REAL_CELLS] = offered;
}

/** The mark that the kernel gives; null for a document that no cell can name. */
export function widgetMarkIn(value: unknown): WidgetMark | null {
  const { course, document, shared, type } = (value ?? {}) as Partial<Record<keyof WidgetMark, unknown>>;
  const isShared = shared === false || shared === true || shared === "read";
  if (typeof document !== "string" || !document || typeof type !== "string" || !isShared) return null;
  return { document, type, shared, course: typeof course === "string" ? course : "" };
}
