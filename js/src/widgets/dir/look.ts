// A file tree for whoever watches it in the panel “Class”: its names. What is in the files is watched by itself.
import { fitting } from "../../document/fitting";
import type { Look } from "../../document/look";
import { withNote } from "../../document/watched-look";
import { DIR } from "../../schema/types/dir";
import { entriesIn, rowsOf } from "./entries";
import css from "./style.css";
import { treeOf } from "./tree";

export const look: Look = {
  name: "files-look",
  css,
  needsRelated: true,
  draw({ data, json, related, title }) {
    const rows = rowsOf(entriesIn(related), () => true);
    const parts = { body: treeOf({ label: title, rows, active: rows[0]?.entry.id ?? "" }) };
    return withNote(parts, fitting(DIR, data).misfits, () => json(data, false));
  },
};
