// What the build makes modules of, besides TypeScript.

declare module "*.css" {
  const text: string;
  export default text;
}

/** The folders below src/widgets, each by its name. */
declare module "virtual:widgets" {
  import type { Context, Shown } from "./jupyter/widget";
  export const WIDGETS: Record<string, () => Promise<{ widget: (context: Context) => Shown }>>;
}

/** The `state.ts` of those folders, each by its name. */
declare module "virtual:states" {
  import type { TypeState } from "./document/states";
  export const STATES: Record<string, TypeState>;
}

/** Those folders that have a look for whoever watches: of a widget of plain data, or in a `look.ts`. */
declare module "virtual:looks" {
  import type { Look } from "./document/look";
  export const LOOKS: Record<string, () => Promise<{ look?: Look; widget?: { look?: Look } }>>;
}
