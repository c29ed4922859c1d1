// Roles of people, and what documents hold, in words.
import { t } from "./words";

const ROLES: Record<string, () => string> = {
  student: () => t("student"),
  teacher: () => t("teacher"),
  admin: () => t("admin"),
};

const TYPES: Record<string, () => string> = {
  code: () => t("code"),
  string: () => t("string"),
  task_state: () => t("task state"),
  choice_answer: () => t("choice answer"),
  page_read_check: () => t("page read check"),
  progress_state: () => t("progress state"),
  true_false_answer: () => t("true false answer"),
  quiz: () => t("quiz"),
  simple_chat: () => t("chat"),
  dynamic_document_roots: () => t("chat rooms"),
  dir: () => t("files"),
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
