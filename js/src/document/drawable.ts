// Markdown for those who draw it: a line is a line here, as in the editor of the existing system.

const FENCE = /^`{3,}/;
/** Lines that Markdown ends by itself. */
const BLOCK = /^(#{1,6} |> | *(?:[-*+]|\d+[.)]) )/;

/** Have lines that follow each other drawn below each other, but in blocks of code. Pure. */
export function drawable(text: string): string {
  const lines = text.split("\n");
  let fence = "";
  return lines
    .map((line, index) => {
      const mark = FENCE.exec(line)?.[0] ?? "";
      const isCode = fence !== "" || mark !== "";
      if (mark && (!fence || line.trimEnd() === fence)) fence = fence ? "" : mark;
      const next = lines[index + 1] ?? "";
      const isFollowed = next !== "" && !BLOCK.test(next) && !FENCE.test(next);
      return isCode || !line || !isFollowed
        ? line
        : BLOCK.test(line) && !line.startsWith(">")
          ? `${line}\n`
          : `${line}  `;
    })
    .join("\n");
}
