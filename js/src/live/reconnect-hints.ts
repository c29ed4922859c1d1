// Kernel and page have a connection to the hub each; whichever is back first tells the other.
import type { Channel } from "../jupyter/channel";

export class ReconnectHints {
  private wasAway = false;

  constructor(
    private readonly channel: Channel,
    /** Whether the kernel says that it is not connected to the hub. */
    private readonly isAway: () => boolean,
  ) {}

  /** The hub can be reached from here, or the network is back: a kernel that waits need not wait any longer. */
  tellKernel(): void {
    if (this.isAway()) this.channel.send("retry_now");
  }

  /** Tell, once, that the kernel is back. */
  isKernelBack(): boolean {
    const { wasAway } = this;
    this.wasAway = this.isAway();
    return wasAway && !this.wasAway;
  }
}
