// Avatars of those who have the document open; their names stand in words for those who cannot see colours.
import { h } from "./dom";
import { initials, type Person } from "./people";

const SHOWN = 5;

export class PeopleBar {
  readonly el = h("ul", { class: "tnb-people", "aria-label": "Here now" });
  private shown = "";

  update(people: Person[]): void {
    const others = people.filter((person) => !person.isMe);
    const key = JSON.stringify(others);
    if (key === this.shown) return;
    this.shown = key;
    const items = others.slice(0, SHOWN).map(avatar);
    const rest = others.slice(SHOWN);
    if (rest.length) {
      const names = rest.map((person) => person.name).join(", ");
      items.push(h("li", { class: "tnb-avatar tnb-avatar-more", title: names }, `+${rest.length}`));
    }
    this.el.replaceChildren(...items);
    this.el.hidden = !items.length;
  }
}

function avatar(person: Person): HTMLLIElement {
  const first = person.name.split(/\s+/)[0] ?? person.name;
  const disc = h("span", { class: "tnb-disc", "aria-hidden": "true" }, initials(person.name));
  disc.style.setProperty("--tnb-person", person.color);
  return h("li", { class: "tnb-avatar", title: `${person.name} has this open` }, disc, h("span", {}, first));
}
