/** What a hub or kernel says, a fragment in lower case without a full stop, as a sentence; nothing stays nothing. */
export function sentence(fragment: string): string {
  return fragment && `${fragment.charAt(0).toUpperCase()}${fragment.slice(1).replace(/\.$/, "")}.`;
}
