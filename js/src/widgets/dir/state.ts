// A file tree in a list: it speaks for the folders and files in it.
import { isBeside, type TypeState } from "../../document/states";
import { t } from "../../text/words";

export const state: TypeState = {
  describe: (_tree, beside) => {
    const count = beside.filter(({ type }) => type === "file").length;
    return { words: t("1 file|{count} files", { count }) };
  },
  covers: (other, tree) =>
    isBeside(other, tree) && (other.type === "dir" || other.type === "file") && Boolean(other.parentId),
};
