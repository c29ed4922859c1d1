// Two edits of one text as if both had been typed at the same time. Pure.
import { ChangeSet, Text } from "@codemirror/state";
import { diff3Merge } from "node-diff3";
import { differences } from "../text/merge";

/** What `base` became on both sides; what both put into the same place is there one after the other. */
export function joined(base: string, mine: string, theirs: string): string {
  const lines = (text: string) => text.split("\n");
  const regions = diff3Merge(lines(mine), lines(base), lines(theirs), { excludeFalseConflicts: true });
  return regions
    .flatMap(({ ok, conflict }) => {
      if (!conflict) return ok ?? [];
      const { a, o, b } = conflict;
      return o.length ? lines(carried(o.join("\n"), a.join("\n"), b.join("\n"))) : [...a, ...b];
    })
    .join("\n");
}

/** Letter by letter: nobody's deletion takes away what the other has typed. */
function carried(base: string, mine: string, theirs: string): string {
  const [my, their] = [mine, theirs].map((after) =>
    ChangeSet.of(differences(base, after), base.length, "\n"),
  );
  if (!my || !their) return theirs;
  const text = my.map(their, true).apply(Text.of(theirs.split("\n")));
  return text.sliceString(0, text.length, "\n");
}
