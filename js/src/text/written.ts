// A document as an output of the notebook's file has it, with another text. The kernel has written it, and the form is
// its own (`widgets/snapshot.py`): name and time, an empty line, the text. Pure.

export interface Written {
  "text/plain": string;
  "text/markdown": string;
}

const GAP = "\n\n";
const WHEN = /\(as of [^()]*\)$/;
const LANGUAGE = /^`{3,}(\w*)\n/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** The same document with this text; null where it has that already, or is not in the kernel's form. */
export function rewritten(written: Written, text: string, now: Date): Written | null {
  const [name, before] = parted(written["text/plain"]);
  const [heading, fenced] = parted(written["text/markdown"]);
  const language = LANGUAGE.exec(fenced);
  const shown = text.replace(CONTROLS, "\ufffd");
  if (!language || !WHEN.test(name) || !WHEN.test(heading) || shown === before) return null;
  const when = `(as of ${stamp(now)})`;
  const marks = marksAround(shown);
  return {
    "text/plain": `${name.replace(WHEN, when)}${GAP}${shown}`,
    "text/markdown": `${heading.replace(WHEN, when)}${GAP}${marks}${language[1]}\n${shown}\n${marks}`,
  };
}

function parted(written: string): [string, string] {
  const gap = written.indexOf(GAP);
  return gap < 0 ? ["", ""] : [written.slice(0, gap), written.slice(gap + GAP.length)];
}

/** More backticks than stand in a row anywhere in a text. */
function marksAround(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  return "`".repeat(Math.max(3, longest + 1));
}

function stamp(now: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const parts = new Intl.DateTimeFormat("en", { timeZoneName: "short" }).formatToParts(now);
  const zone = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
  return `${day} ${two(now.getHours())}:${two(now.getMinutes())} ${zone}`.trimEnd();
}
