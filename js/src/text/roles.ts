// Roles of people, and what documents hold, in words.
import { t } from "./words";

const ROLES: Record<string, () => string> = {
  student: () => t("student"),
  teacher: () => t("teacher"),
  admin: () => t("admin"),
};

const TYPES: Record<string, () => string> = {
  code: () => t("code"),
  string: () => t("text @type"),
  quill_v2: () => t("formatted text"),
  mdx_comment: () => t("comments"),
  task_state: () => t("task"),
  choice_answer: () => t("choice"),
  page_read_check: () => t("reading time"),
  progress_state: () => t("steps"),
  true_false_answer: () => t("true or false"),
  quiz: () => t("quiz"),
  simple_chat: () => t("chat"),
  dynamic_document_roots: () => t("chat rooms"),
  dir: () => t("files"),
  file: () => t("file"),
  script: () => t("code"),
  pyodide_code: () => t("code"),
  last_run: () => t("last run"),
  script_version: () => t("version of code"),
  text_message: () => t("chat message"),
  solution: () => t("solution"),
  restricted: () => t("restricted content"),
  cms_text: () => t("feedback"),
  excalidoc: () => t("drawing"),
  netpbm_graphic: () => t("picture"),
};

export function roleWords(role: string): string {
  return ROLES[role]?.() ?? role;
}

/** What a document of this type is called in lists. */
export function typeWords(type: string): string {
  return TYPES[type]?.() ?? type.replaceAll("_", " ");
}

/** Of a record that says, as old backends do, only whether somebody is an admin, or the word in capitals. */
export function roleOf({ isAdmin, role }: { isAdmin?: unknown; role?: unknown }): string {
  if (typeof role === "string") return role.toLowerCase();
  return isAdmin === true ? "admin" : isAdmin === false ? "student" : "";
}
