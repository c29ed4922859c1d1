// All widgets: the loader asks for one by its kind, which is the document type where it shows one.
import { Channel } from "./jupyter/channel";
import { afterLongWork, lifeOf } from "./jupyter/manager";
import type { Context, Shown } from "./jupyter/widget";
import { code } from "./widgets/code";
import { rooms } from "./widgets/rooms";
import { text } from "./widgets/string";
import { task } from "./widgets/task_state";

const WIDGETS: Record<string, (context: Context) => Shown> = { code, rooms, string: text, task_state: task };

export function initialize(kind: string, context: Context): Shown {
  const start = WIDGETS[kind];
  if (!start) throw new Error(`this version of the bundle has no widget “${kind}”; reload the page`);
  const { model } = context;
  const signal = lifeOf(model, context.signal);
  const channel = new Channel(model, signal);
  afterLongWork(model, signal, () => channel.send("refresh"));
  return start({ model, signal });
}
