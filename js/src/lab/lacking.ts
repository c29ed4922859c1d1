// What the hub of this page does not offer, as the Jupyter server says. Loaded with what is not offered everywhere.

import { LACKING_AT_TEACHING_API, LIVE_TEXT, TEACHING_API } from "../schema/hub_kinds";
import { t } from "../text/words";
import type { ServerHub } from "./hub";

const known = new WeakMap<ServerHub, readonly string[]>();

/** Nothing while nobody can be asked; what is known stays, for it is a setting of the server. */
export async function lackingAt(hub: ServerHub): Promise<readonly string[]> {
  const found = known.get(hub);
  if (found) return found;
  try {
    const { hub: at } = (await hub.ask("../../status")) as { hub?: { kind?: unknown } };
    const lacking = at?.kind === TEACHING_API ? LACKING_AT_TEACHING_API : [];
    known.set(hub, lacking);
    return lacking;
  } catch {
    return [];
  }
}

/** Why no cell can be live; empty where they can. */
export function noLiveCellsWords(lacking: readonly string[]): string {
  if (!lacking.includes(LIVE_TEXT)) return "";
  return t(
    "Cells cannot be live here: the school's backend has no live text, for that needs a hub of teaching_nb. Widgets such as tnb.code can be used.",
  );
}
