// The hub as JupyterLab's pages reach it: through their Jupyter server, with its cookie and its protection against
// forged requests.

import { URLExt } from "@jupyterlab/coreutils";
import { ServerConnection } from "@jupyterlab/services";
import type { ListedVersion } from "../cells/hub-past";
import type { WantedMain } from "../cells/mark";
import type { Opened } from "../cells/open-document";
import type { Hub, User } from "../cells/open-documents";
import { Refusal } from "../cells/refusal";
import { type HubLine, sharedLine } from "../live/hub-line";
import type { Me } from "../live/hub-text";
import { roleOf } from "../text/roles";
import { phrase } from "../text/words";

/** So long an answer is good enough for whoever else asks (ms). */
const FRESH = 1_000;
const NO_CONTENT = 204;

interface VersionPage {
  versions: ListedVersion[];
  next?: number | null;
}

interface WireError {
  message?: unknown;
  code?: unknown;
  document?: { id?: unknown };
}

/** The user's account at the hub. */
export interface Account extends Me {
  email: string;
  role: string;
}

export class ServerHub implements Hub {
  readonly line: HubLine;
  /** Asked for a moment ago: a notebook opens all of its live cells at once. */
  private asked: { at: number; account: Promise<Account> } | null = null;

  constructor(private readonly settings: ServerConnection.ISettings) {
    this.line = sharedLine(new URL("teaching/static/", settings.baseUrl).href);
  }

  async me(): Promise<User> {
    const { id, name, role } = await this.account();
    return { id, name, isElevated: role === "teacher" || role === "admin" };
  }

  /** Whom the page belongs to, as the Jupyter server says, which knows it also without the hub. */
  async caller(): Promise<string> {
    const { user } = (await this.ask("../../status")) as { user: { subject: string } };
    return `${this.settings.baseUrl} ${user.subject}`;
  }

  async versions(document: string): Promise<ListedVersion[]> {
    const found: ListedVersion[] = [];
    for (let next: number | null | undefined; next !== null; ) {
      const query: string = next === undefined ? "" : `?before=${next}`;
      const page = (await this.ask(`documents/${document}/versions${query}`)) as VersionPage;
      found.push(...page.versions);
      next = page.next ?? null;
    }
    return found;
  }

  async version(document: string, number: number): Promise<unknown> {
    return ((await this.ask(`documents/${document}/versions/${number}`)) as { data: unknown }).data;
  }

  async restore(document: string, number: number): Promise<void> {
    await this.ask(`documents/${document}/versions/${number}/restore`, {});
  }

  async replace(document: string, data: Record<string, unknown>, revision: number): Promise<void> {
    await this.ask(`documents/${document}`, { data }, "PUT", { "If-Match": `"${revision}"` });
  }

  account(): Promise<Account> {
    if (!this.asked || Date.now() - this.asked.at > FRESH)
      this.asked = { at: Date.now(), account: this.askAccount() };
    return this.asked.account;
  }

  private async askAccount(): Promise<Account> {
    const user = (await this.ask("user")) as Record<string, unknown>;
    const text = (value: unknown) => (typeof value === "string" ? value : "");
    const account = {
      id: text(user.id),
      // Older backends tell the two halves of it.
      name: text(user.name) || `${text(user.firstName)} ${text(user.lastName)}`.trim(),
      email: text(user.email),
      role: roleOf(user),
    };
    if (!account.id) throw new Refusal(phrase("the hub does not say who you are"), 401);
    return account;
  }

  async openMain(wanted: WantedMain): Promise<Opened> {
    return (await this.ask("documents/main", wanted)) as Opened;
  }

  /** Ask the hub's REST; rejects with `Refusal`, and with other errors when nobody answers. */
  async ask(path: string, body?: object, method = "POST", more?: Record<string, string>): Promise<unknown> {
    const init = body ? { method, body: JSON.stringify(body) } : {};
    const headers = { "Content-Type": "application/json", ...more };
    const answer = await ServerConnection.makeRequest(this.url(path), { ...init, headers }, this.settings);
    if (!answer.ok) throw await refusalOf(answer);
    return answer.status === NO_CONTENT ? null : answer.json();
  }

  private url(path: string): string {
    return URLExt.join(this.settings.baseUrl, "teaching/api/v1", path);
  }
}

async function refusalOf(answer: Response): Promise<Refusal> {
  const { status } = answer;
  try {
    const { errors, message: plain } = (await answer.json()) as { errors?: unknown; message?: unknown };
    const [first] = Array.isArray(errors) ? (errors as WireError[]) : [];
    const message = String(
      first?.message ??
        plain ??
        phrase("the hub answers with status {status}").replace("{status}", String(status)),
    );
    const document = first?.document?.id;
    return new Refusal(
      message.replace(`[${status}] `, ""),
      status,
      String(first?.code ?? ""),
      typeof document === "string" ? document : "",
    );
  } catch {
    return new Refusal(
      phrase("the Jupyter server answers with status {status}").replace("{status}", String(status)),
      status,
    );
  }
}
