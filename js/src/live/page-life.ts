// What happens to the page around a live text: hidden, asleep, offline, left.
import type { LiveText } from "./live-text";

/** Wake the live text with the page, and let it leave when the page goes away. */
export function followPage(live: LiveText, isShown: () => boolean, signal: AbortSignal): void {
  const wake = () => document.visibilityState === "visible" && live.wake();
  document.addEventListener("visibilitychange", wake, { signal });
  // A page that was frozen need not have been hidden.
  document.addEventListener("resume", wake, { signal });
  window.addEventListener("online", wake, { signal });
  window.addEventListener("beforeunload", () => isShown() && live.stepAside(), { signal });
  window.addEventListener("pagehide", () => isShown() && live.close(), { signal });
  window.addEventListener("pageshow", (event) => event.persisted && isShown() && live.open(), { signal });
}

/** Let the browser ask whether to leave a page that alone has what somebody typed. */
export function askBeforeLeaving(live: LiveText, isAtRisk: () => boolean, signal: AbortSignal): void {
  const ask = (event: BeforeUnloadEvent) => {
    live.flush();
    if (isAtRisk()) event.preventDefault();
  };
  window.addEventListener("beforeunload", ask, { signal });
}
