// The kernel as JupyterLab's widget manager has it: its state, and who listens to what.

type Listener = (kernel: unknown, told: unknown) => void;

class FakeSignal {
  readonly listeners = new Set<Listener>();

  connect(listener: Listener): void {
    this.listeners.add(listener);
  }

  disconnect(listener: Listener): void {
    this.listeners.delete(listener);
  }

  tell(told: unknown): void {
    for (const listener of [...this.listeners]) listener(this, told);
  }
}

export class FakeJupyterKernel {
  connectionStatus = "connected";
  interrupts = 0;
  readonly statusChanged = new FakeSignal();
  readonly iopubMessage = new FakeSignal();

  constructor(public status = "idle") {}

  /** Put it into a widget manager. */
  get manager(): { kernel: FakeJupyterKernel } {
    return { kernel: this };
  }

  get listenerCount(): number {
    return this.statusChanged.listeners.size + this.iopubMessage.listeners.size;
  }

  async interrupt(): Promise<void> {
    this.interrupts += 1;
  }

  become(status: string): void {
    this.status = status;
    this.statusChanged.tell(status);
  }

  /** Say that it is busy or idle, with what a message of this type, sent at `date`, asks for. */
  say(state: string, parent = "execute_request", date?: string): void {
    const [header, parent_header] = [{ msg_type: "status" }, { msg_type: parent, date }];
    this.iopubMessage.tell({ header, parent_header, content: { execution_state: state } });
  }
}
