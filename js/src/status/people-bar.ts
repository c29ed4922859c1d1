// Who has the document open, as buttons: pressing one follows that person. The disc shows initials and colour;
// the name stands in words for those who cannot see either. A button stays the same element as long as its person
// is here, so that the keyboard focus is not lost when others come and go.

import { initials, nameOf, type Person } from "../live/people";
import { h, setText } from "../ui/dom";

const SHOWN = 4;

interface Chip {
  item: HTMLLIElement;
  button: HTMLButtonElement;
  disc: HTMLSpanElement;
  first: HTMLSpanElement;
  role: HTMLSpanElement;
}

export class PeopleBar {
  readonly el = h("ul", { class: "tnb-people", "aria-label": "Here now", hidden: true });
  private readonly chips = new Map<string, Chip>();
  private readonly more = h("button", { type: "button", class: "tnb-chip", "aria-expanded": "false" });
  private readonly moreItem = h("li", { hidden: true }, this.more);
  private isExpanded = false;
  private people: Person[] = [];
  private followed = "";

  constructor(
    private readonly onPick: (person: Person) => void,
    private readonly signal: AbortSignal,
  ) {
    this.el.append(this.moreItem);
    const toggle = () => {
      this.isExpanded = !this.isExpanded;
      this.show();
    };
    this.more.addEventListener("click", toggle, { signal });
  }

  /** Show who is here, oneself left out, and who of them is followed. */
  update(people: Person[], followed: string): void {
    const others = people.filter((person) => !person.isMe);
    if (followed === this.followed && JSON.stringify(others) === JSON.stringify(this.people)) return;
    this.people = others;
    this.followed = followed;
    this.show();
  }

  private show(): void {
    const here = new Set(this.people.map(({ id }) => id));
    for (const [id, { item }] of this.chips) {
      if (here.has(id)) continue;
      item.remove();
      this.chips.delete(id);
    }
    const places = this.people.map((person, index) => this.chipOf(person, index));
    // Only what stands in the wrong place is moved: moving takes the focus away.
    for (const [index, item] of places.entries())
      if (this.el.children[index] !== item) this.el.insertBefore(item, this.el.children[index] ?? null);
    this.showMore();
    this.el.hidden = !this.people.length;
  }

  private chipOf(person: Person, index: number): HTMLLIElement {
    const chip = this.chips.get(person.id) ?? this.made(person.id);
    const { item, button, disc, first, role } = chip;
    const isFollowed = person.id === this.followed;
    setText(disc, initials(person.name));
    setText(first, person.name.split(/\s+/)[0] ?? person.name);
    item.style.setProperty("--tnb-person", person.color);
    setText(role, person.role ?? "");
    role.hidden = !person.role;
    item.hidden = !this.isExpanded && index >= SHOWN && !isFollowed;
    button.setAttribute("aria-label", `Follow ${nameOf(person)}`);
    button.setAttribute("aria-pressed", String(isFollowed));
    button.title = isFollowed
      ? `You follow ${nameOf(person)}; press again to stop`
      : `${nameOf(person)} has this open. Press to follow`;
    return item;
  }

  private made(id: string): Chip {
    const disc = h("span", { class: "tnb-disc", "aria-hidden": "true" });
    const first = h("span", { class: "tnb-first-name" });
    const role = h("span", { class: "tnb-role" });
    const button = h("button", { type: "button", class: "tnb-chip" }, disc, first, role);
    const chip = { item: h("li", {}, button), button, disc, first, role };
    const pick = () => {
      const person = this.people.find((present) => present.id === id);
      if (person) this.onPick(person);
    };
    button.addEventListener("click", pick, { signal: this.signal });
    this.chips.set(id, chip);
    return chip;
  }

  private showMore(): void {
    const rest = this.people.slice(SHOWN);
    const names = rest.map(nameOf).join(", ");
    this.moreItem.hidden = !rest.length;
    setText(this.more, this.isExpanded ? "Fewer" : `+${rest.length}`);
    this.more.title = this.isExpanded ? "" : names;
    if (this.isExpanded) this.more.removeAttribute("aria-label");
    else this.more.setAttribute("aria-label", `+${rest.length} more here: ${names}`);
    this.more.setAttribute("aria-expanded", String(this.isExpanded));
  }
}
