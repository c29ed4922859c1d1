// One place where a file tree is shown: what is chosen there, what is being named or asked, and where the focus goes.
import { html, nothing, type TemplateResult } from "lit-html";
import { textOf, type View } from "../../jupyter/widget";
import { t } from "../../text/words";
import { focusedBeside } from "../../ui/elements";
import { mayMoveFocus } from "../../ui/focus";
import { below, type Entry, pathOf, placesFor, type Row, rowsOf, UNFIT } from "./entries";
import type { FilesSession, Written } from "./files-session";
import { openedFiles } from "./opened";
import { type Panel, panelOf, writtenWords } from "./panels";
import { type Draft, treeOf } from "./tree";

/** Where the focus goes when all has been drawn: the chosen row, or the first field of what is named or asked. */
const ROW = ":is(.tnb-files-tree,[role=treeitem])[tabindex='0']";
const NAME = "[role=treeitem] input";
const PANEL = ".tnb-files-panel :is(select, button)";

/** Returns what draws it; `update` has it drawn anew. */
export function filesView(
  session: FilesSession,
  { el, signal }: View,
  update: () => void,
): () => TemplateResult {
  const { ask, canEdit, entries, find, fold, isOpen, opened } = session;
  const { model, signal: life } = session.home;
  const drawOpened = openedFiles(model, signal);
  let active = "";
  /** What was made, and is to be chosen as soon as the kernel has told of it. */
  let coming = "";
  /** Where the chosen row was, for when it is gone. */
  let at = 0;
  let draft: Draft | null = null;
  let panel: Panel | null = null;
  /** What was done, in a sentence. */
  let news = "";
  /** The file of which it is said that it is open below: while it is, by the name that it has then. */
  let shownBelow = "";
  let wasBelow = false;
  let wanted = "";
  /** What of the tree had the focus before it was drawn; undefined when that is done. */
  let before: Element | null | undefined;

  const rows = (): Row[] => rowsOf(entries(), isOpen);
  const go = (focus: string) => {
    wanted = focus;
    update();
  };
  /** Whether an answer may move the focus: whoever has gone on elsewhere meanwhile types there. */
  const isStillHere = () => mayMoveFocus(el.querySelector(".tnb-files-tree"), el);
  const choose = (id: string) => {
    active = id;
    go(ROW);
  };
  const tell = (words: string, opened = "") => {
    [news, shownBelow, wasBelow] = [words, opened, false];
    update();
  };
  const newsWords = () => {
    const isBelow = opened().some(({ id }) => id === shownBelow);
    // What was deleted or closed meanwhile is not open, and its own cell says why.
    if (!find(shownBelow) || (wasBelow && !isBelow)) shownBelow = "";
    wasBelow = isBelow;
    return shownBelow ? t("“{name}” is open below.", { name: pathOf(entries(), shownBelow) }) : news;
  };

  /** Begin to name or to ask something; what was named or asked before ends. */
  const begin = (naming: Draft | null, asking: Panel | null = null) => {
    [draft, panel, news, shownBelow] = [naming, asking, "", ""];
    go(naming ? NAME : asking ? PANEL : ROW);
  };
  /** The same, of an answer. */
  const beginLate = (asking: Panel | null = null) => {
    const isHere = isStillHere();
    [draft, panel, news, shownBelow] = [null, asking, "", ""];
    go(!isHere ? "" : asking ? PANEL : ROW);
  };
  const make = (kind: Entry["kind"]) => {
    const chosen = find(active);
    const folder = chosen?.kind === "dir" ? chosen : find(chosen?.parent ?? "");
    if (folder) fold(folder, true);
    begin({ kind, folder: folder?.id ?? "", name: "" });
  };
  const rename = () => {
    const entry = find(active);
    if (entry && canEdit() && !UNFIT.includes(entry.oddity))
      begin({ kind: entry.kind, entry, folder: "", name: entry.name });
  };
  const remove = () => {
    const entry = find(active);
    if (entry && canEdit()) begin(null, { kind: "delete", entry, known: below(entries(), entry.id) });
  };
  const move = (entry: Entry) =>
    begin(null, { kind: "move", entry, choice: placesFor(entries(), entry)[0]?.id ?? "" });

  const open = async (id: string) => {
    if (!life.aborted && (await ask("open_entry", { id }))) tell("", id);
  };
  const enter = (entry: Entry) => (entry.kind === "dir" ? fold(entry, !isOpen(entry)) : void open(entry.id));

  /** Make or rename what is being named; a name that is refused stays, to be mended. */
  const finish = async (isTaken: boolean) => {
    const named = draft;
    if (!named) return;
    const { entry, kind, folder, name } = named;
    if (!isTaken || name === entry?.name) return begin(null);
    const made = entry
      ? await ask("rename_entry", { id: entry.id, name, was: entry.name })
      : await ask("add_entry", { type: kind, name, folder });
    // Something else may be named by now.
    if (!made) return go(draft === named && isStillHere() ? NAME : "");
    const { id = active } = made as { id?: string };
    coming = id;
    if (draft?.entry === entry && draft?.folder === folder) beginLate();
    if (!entry && kind === "file") await open(id);
  };

  const agree = async (asked: Panel) => {
    begin(null);
    if (asked.kind === "delete") {
      await ask("delete_entry", { id: asked.entry.id, below: asked.known.map(({ id }) => id) });
    } else if (asked.kind === "move") {
      await ask("move_entry", { id: asked.entry.id, folder: asked.choice });
    } else {
      const overwrite = Object.fromEntries(asked.differing.map(({ path, digest }) => [path, digest]));
      const written = (await ask("write_files", { id: asked.choice, overwrite })) as Written | null;
      if (written?.differing.length) beginLate({ ...asked, differing: written.differing });
      else if (written) tell(writtenWords(written));
    }
  };

  const press = (event: KeyboardEvent) => {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const all = rows();
    const index = all.findIndex(({ entry }) => entry.id === active);
    const row = all[index];
    const goTo = (to: Row | undefined) => to && choose(to.entry.id);
    const onRow = () => row && enter(row.entry);
    const keys: Record<string, () => unknown> = {
      ArrowDown: () => goTo(all[index + 1]),
      ArrowUp: () => goTo(all[index - 1]),
      Home: () => goTo(all[0]),
      End: () => goTo(all.at(-1)),
      ArrowRight() {
        if (row?.isOpen && all[index + 1]?.entry.parent === active) goTo(all[index + 1]);
        else if (row?.entry.kind === "dir") fold(row.entry, true);
      },
      ArrowLeft() {
        if (row?.isOpen) fold(row.entry, false);
        else goTo(all.find(({ entry }) => entry.id === row?.entry.parent));
      },
      Enter: onRow,
      " ": onRow,
      F2: rename,
      Delete: remove,
    };
    // A letter goes to the next row whose name begins so.
    const isNext = ({ entry }: Row) => entry.name.toLowerCase().startsWith(key.toLowerCase());
    if (keys[key]) keys[key]();
    else if (key.length === 1) goTo(all.slice(index + 1).find(isNext) ?? all.find(isNext));
    else return;
    event.preventDefault();
  };

  /** What of the tree has the focus. */
  const focusedRow = () => {
    const tree = el.querySelector(".tnb-files-tree");
    const focused = tree && focusedBeside(tree);
    return tree?.contains(focused) ? focused : null;
  };
  /** It never comes from somewhere else into the tree by itself. */
  const moveFocus = () => {
    // Whoever was on a row that is gone goes on from the one in its place, and one that was put elsewhere keeps them.
    const isLost = before && focusedBeside(el) !== before;
    const where = wanted || (isLost && ROW);
    const target = where && !signal.aborted ? el.querySelector<HTMLElement>(where) : null;
    if (target && target !== focusedBeside(target)) target.focus();
    if (target && target !== before && wanted === NAME) chooseName(target as HTMLInputElement);
    wanted = "";
    before = undefined;
  };

  const tools = (chosen: Entry | undefined) => {
    const button = (words: string, canPress: boolean, act: () => void) =>
      html`<button type="button" class="tnb-button" ?disabled=${!canPress} @click=${act}>${words}</button>`;
    const may = canEdit();
    const mayHere = may && chosen !== undefined;
    const writeAll = () => begin(null, { kind: "write", choice: "", differing: [] });
    return html`<div class="tnb-files-tools" role="group" aria-label=${t("Files")}>${
      model.get("is_watched") === true
        ? nothing
        : [
            button(t("New file"), may, () => make("file")),
            button(t("New folder"), may, () => make("dir")),
            button(t("Rename"), mayHere && !UNFIT.includes(chosen.oddity), rename),
            button(t("Move to …"), mayHere, () => chosen && move(chosen)),
            button(t("Delete"), mayHere, remove),
          ]
    }${button(t("Open"), chosen?.kind === "file" && !life.aborted, () => chosen && enter(chosen))}${button(
      t("Write to my folder …"),
      !life.aborted && entries().length > 0,
      writeAll,
    )}</div>`;
  };

  return () => {
    const all = rows();
    if (before === undefined) {
      before = focusedRow();
      queueMicrotask(moveFocus);
    }
    if (find(coming)) {
      [active, coming] = [coming, ""];
      if (before) wanted = ROW;
    }
    const index = all.findIndex(({ entry }) => entry.id === active);
    if (index >= 0) at = index;
    else active = (all[at] ?? all.at(-1))?.entry.id ?? "";
    // What is named or asked ends with what it is about, and when nothing may be changed any more.
    const isGone = (id: string | undefined) => Boolean(id) && !find(id ?? "");
    if (!canEdit() || isGone(draft?.entry?.id) || isGone(draft?.folder)) draft = null;
    if (life.aborted || (panel?.kind !== "write" && isGone(panel?.entry.id))) panel = null;
    const asked = panel;
    const title = textOf(model, "title");
    return html`${tools(find(active))}${
      asked
        ? panelOf({
            panel: asked,
            entries: entries(),
            active: find(active),
            folder: textOf(model, "folder"),
            choose(choice) {
              panel = { ...asked, choice } as Panel;
              update();
            },
            agree: () => void agree(asked),
            cancel: () => begin(null),
          })
        : nothing
    }${treeOf({
      label: title,
      // A list of what somebody has calls it “Bob: project”.
      owner:
        model.get("is_watched") === true
          ? all.find((row) => title.startsWith(`${row.entry.author}: `))?.entry.author
          : "",
      rows: all,
      active,
      draft,
      opened: new Set(opened().map(({ id }) => id)),
      isEnded: life.aborted,
      press,
      choose({ id }) {
        if (id !== active) choose(id);
      },
      enter: (entry) => enter(entry),
      write(name) {
        if (draft) draft = { ...draft, name };
      },
      finish: (isTaken) => void finish(isTaken),
    })}<p class="tnb-notice" role="status">${newsWords()}</p>${drawOpened(opened())}`;
  };
}

/** The name without its ending, which mostly stays. */
function chooseName(input: HTMLInputElement): void {
  const dot = input.value.lastIndexOf(".");
  input.setSelectionRange(0, dot > 0 ? dot : input.value.length);
}
