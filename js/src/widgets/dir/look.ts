// A file tree for whoever watches it in the panel “Class”: its names. What is in the files is watched by itself.
import type { Look } from "../../document/look";
import { entriesIn, rowsOf } from "./entries";
import css from "./style.css";
import { treeOf } from "./tree";

export const look: Look = {
  name: "files-look",
  css,
  needsRelated: true,
  draw({ related, title }) {
    const rows = rowsOf(entriesIn(related), () => true);
    return { body: treeOf({ label: title, rows, active: rows[0]?.entry.id ?? "" }) };
  },
};
