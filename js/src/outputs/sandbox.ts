// HTML of a run in a frame with an origin of its own: it sees nothing of this page, nor of the Jupyter server, and this
// page takes nothing of it but how high it is. It may load what libraries for maps and charts load from the network.
import { t } from "../text/words";

const MAX_HEIGHT = 600;
const FRAME_STYLE = `
body { margin: 0; padding: 2px; font: 13px/1.4 system-ui, sans-serif; background: transparent; color: var(--text); }
table { border: 0; border-collapse: collapse; font-size: 12px; color: inherit; }
th, td { padding: 3px 8px; text-align: right; border: 0; }
thead th { border-bottom: 1px solid currentColor; }
tbody tr:nth-child(odd) { background: rgb(128 128 128 / 0.12); }
audio, video, img { max-width: 100%; }
a { color: var(--link); }
`;
/** Runs inside the frame only: tells how high its content is, and takes the colours of the page. */
const SCRIPT = `
const root = document.documentElement;
const tell = () => parent.postMessage({ tnbHeight: root.offsetHeight }, "*");
new ResizeObserver(tell).observe(root); addEventListener("load", tell);
addEventListener("message", ({ source, data }) => {
  if (source === parent && data && typeof data.tnbLook === "string") root.style.cssText = data.tnbLook;
});`;
const POLICY = [
  "default-src 'none'",
  "img-src data: blob: https:",
  "media-src data: blob: https:",
  "style-src 'unsafe-inline' https:",
  "font-src data: https:",
  "script-src 'unsafe-inline' 'unsafe-eval' blob: https:",
  "worker-src blob:",
  "connect-src data: blob: https:",
  "frame-src data: blob: https:",
].join("; ");

/** HTML in a frame, in the colours of the place where it stands, and of the theme that is chosen later. */
export function sandboxed(markup: string, signal: AbortSignal): HTMLIFrameElement {
  const frame = document.createElement("iframe");
  frame.className = "tnb-frame";
  frame.setAttribute("sandbox", "allow-scripts");
  frame.title = t("HTML output");
  frame.referrerPolicy = "no-referrer";
  followTheme(frame, signal);
  const meta = `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}">`;
  const style = `<style>:root { ${lookOf(document.body)} } ${FRAME_STYLE}</style>`;
  frame.srcdoc = `<!doctype html><html><head>${meta}${style}<script>${SCRIPT}</script></head><body>${markup}</body></html>`;
  followHeight(frame, signal);
  return frame;
}

/** Colours for the frame's document. Told apart by the page's own text: what the system prefers is another matter. */
function lookOf(element: Element): string {
  const theme = getComputedStyle(element);
  const text =
    colour(theme.getPropertyValue("--jp-content-font-color1")) || colour(theme.color) || "CanvasText";
  const link = colour(theme.getPropertyValue("--jp-content-link-color")) || "LinkText";
  // A frame is transparent only while both have the same scheme.
  return `--text: ${text}; --link: ${link}; color-scheme: ${isDark() ? "dark" : "light"};`;
}

function colour(value: string): string {
  const trimmed = value.trim();
  return /^[\w#(),.%/ -]+$/.test(trimmed) ? trimmed : "";
}

/** JupyterLab says so; elsewhere light text tells it. */
function isDark(): boolean {
  const { jpThemeLight } = document.body.dataset;
  if (jpThemeLight !== undefined) return jpThemeLight === "false";
  const [red = 0, green = 0, blue = 0] = (getComputedStyle(document.body).color.match(/\d+/g) ?? []).map(
    Number,
  );
  return red + green + blue > 384;
}

function followTheme(frame: HTMLIFrameElement, signal: AbortSignal): void {
  const tell = () => {
    frame.style.colorScheme = isDark() ? "dark" : "light";
    frame.contentWindow?.postMessage({ tnbLook: lookOf(document.body) }, "*");
  };
  // The new theme's style sheet counts from the next frame on.
  const observer = new MutationObserver(() => requestAnimationFrame(tell));
  observer.observe(document.body, { attributes: true });
  signal.addEventListener("abort", () => observer.disconnect());
  frame.addEventListener("load", tell, { signal });
  tell();
}

function followHeight(frame: HTMLIFrameElement, signal: AbortSignal): void {
  const listener = (event: MessageEvent) => {
    if (event.source === null || event.source !== frame.contentWindow) return;
    const height = Number((event.data as { tnbHeight?: unknown } | null)?.tnbHeight);
    if (Number.isFinite(height))
      frame.style.height = `${Math.min(MAX_HEIGHT, Math.max(20, Math.ceil(height) + 4))}px`;
  };
  window.addEventListener("message", listener, { signal });
}
