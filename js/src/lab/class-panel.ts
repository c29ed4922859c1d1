// The panel “Class” at the left, in which what it shows is loaded when somebody looks.

import { Widget } from "@lumino/widgets";
import { t } from "../text/words";
import type { ClassView, ClassViewOptions } from "./class-view";
import { loaded } from "./loaded";

export class ClassPanel extends Widget {
  private view: ClassView | null = null;
  private loading: Promise<ClassView> | null = null;

  constructor(private readonly options: ClassViewOptions) {
    super();
    this.id = "teaching-nb:class";
    this.addClass("tnb-class");
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", t("Class"));
    this.node.tabIndex = -1;
  }

  /** Something that is shown may have changed. */
  changed(): void {
    this.view?.changed();
  }

  /** Shown by its command or its icon: whoever uses the keyboard goes on there. */
  protected override onActivateRequest(): void {
    this.node.focus();
  }

  protected override onAfterShow(): void {
    void this.showView();
  }

  protected override onAfterHide(): void {
    this.view?.hide();
  }

  private async showView(): Promise<void> {
    this.loading ??= loaded(import("./class-view")).then(
      ({ ClassView }) => new ClassView(this.node, this.options),
    );
    try {
      this.view = await this.loading;
    } catch {
      // The user has been told; the server may answer the next time that they look.
      this.loading = null;
      return;
    }
    if (this.isVisible) this.view.show();
  }
}
