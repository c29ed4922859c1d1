import { said } from "./words";

/** What a hub or kernel says, a fragment in lower case without a full stop, as a sentence; nothing stays nothing. */
export function sentence(fragment: string): string {
  const words = said(fragment);
  return words && `${words.charAt(0).toUpperCase()}${words.slice(1).replace(/\.$/, "")}.`;
}
