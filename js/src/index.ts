// What the loader asks for a widget. A widget is a folder below `widgets`, and is loaded when a page first shows one.

import { WIDGETS } from "virtual:widgets";
import { Channel } from "./jupyter/channel";
import { afterLongWork, lifeOf } from "./jupyter/manager";
import type { Context, Shown } from "./jupyter/widget";
import { speak } from "./text/words";

export async function initialize(kind: string, context: Context): Promise<Shown> {
  const load = Object.hasOwn(WIDGETS, kind) ? WIDGETS[kind] : undefined;
  if (!load) throw new Error(`this version of the bundle has no widget “${kind}”; reload the page`);
  const { model } = context;
  // Before anything is waited for: a kernel that ends meanwhile tells so only once.
  const signal = lifeOf(model, context.signal);
  const [{ widget }] = await Promise.all([load(), speak()]);
  const channel = new Channel(model, signal);
  afterLongWork(model, signal, () => channel.send("refresh"));
  return widget({ model, signal });
}
