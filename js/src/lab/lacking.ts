// What the hub of this page does not offer, as the Jupyter server says. Loaded with what is not offered everywhere.

import { URLExt } from "@jupyterlab/coreutils";
import { ServerConnection } from "@jupyterlab/services";
import { LACKING_AT_TEACHING_API, LIVE_TEXT, TEACHING_API } from "../schema/hub_kinds";
import { t } from "../text/words";

let known: readonly string[] | null = null;

/** Nothing while nobody can be asked; what is known stays, for it is a setting of the server. */
export async function lackingHere(): Promise<readonly string[]> {
  if (known) return known;
  const settings = ServerConnection.makeSettings();
  try {
    const url = URLExt.join(settings.baseUrl, "teaching/status");
    const answer = await ServerConnection.makeRequest(url, {}, settings);
    const { hub } = (await answer.json()) as { hub: { kind: unknown } };
    known = hub.kind === TEACHING_API ? LACKING_AT_TEACHING_API : [];
  } catch (error) {
    console.info("teaching_nb: the Jupyter server does not say what its hub offers", error);
  }
  return known ?? [];
}

/** Why no cell can be live; empty where they can. */
export function noLiveCellsWords(lacking: readonly string[]): string {
  if (!lacking.includes(LIVE_TEXT)) return "";
  return t(
    "Cells cannot be live here: the school's backend has no live text, for that needs a hub of teaching_nb. Widgets such as tnb.code can be used.",
  );
}
