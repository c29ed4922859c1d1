// After a press of Run the output is what its user wants to see: it is brought into view as it grows, until the run has
// ended or the user does something else.
const OWN_EVENTS = ["wheel", "touchmove", "pointerdown", "keydown"];
/** Keys that are still held from the press itself. */
const HELD = ["Shift", "Control", "Meta", "Alt"];

export class OutputInView {
  private isWanted = false;

  /** `el` holds what a run says and puts out; `isEnded` tells whether it will say more. */
  constructor(
    private readonly el: () => HTMLElement | null,
    private readonly isEnded: () => boolean,
    signal: AbortSignal,
  ) {
    const options = { signal, capture: true, passive: true };
    const leave = (event: Event) => {
      if (!(event instanceof KeyboardEvent && HELD.includes(event.key))) this.isWanted = false;
    };
    for (const name of OWN_EVENTS) document.addEventListener(name, leave, options);
  }

  /** The user has pressed Run. */
  want(): void {
    this.isWanted = true;
    this.show();
  }

  /** Something has been drawn. */
  show(): void {
    const el = this.el();
    if (!this.isWanted || !el) return;
    // Of what is taller than the page the beginning is shown.
    el.scrollIntoView({ block: "nearest" });
    el.firstElementChild?.scrollIntoView({ block: "nearest" });
    if (this.isEnded()) this.isWanted = false;
  }
}
