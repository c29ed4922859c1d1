// Who has the document open, as buttons: pressing one follows that person. The disc shows initials and colour;
// the name stands in words for those who cannot see either. A button stays the same element as long as its person
// is here, so that the keyboard focus is not lost when others come and go.

import { html, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { initials, nameOf, type Person } from "../live/people";
import { roleWords } from "../text/roles";
import { t } from "../text/words";

const SHOWN = 4;

export class PeopleBar {
  private isExpanded = false;

  constructor(
    private readonly onPick: (person: Person) => void,
    private readonly draw: () => void,
  ) {}

  /** The list of who is here, oneself left out, and who of them is followed. */
  list(people: Person[], followed: string): TemplateResult {
    const others = people.filter((person) => !person.isMe);
    const chips = repeat(
      others,
      ({ id }) => id,
      (person, index) => this.chip(person, person.id === followed, index),
    );
    return html`<ul class="tnb-people" aria-label=${t("Here now")} ?hidden=${!others.length}>
      ${chips}${this.more(others.slice(SHOWN))}
    </ul>`;
  }

  private chip(person: Person, isFollowed: boolean, index: number): TemplateResult {
    const name = nameOf(person);
    const title = isFollowed
      ? t("You follow {name}; press again to stop", { name })
      : t("{name} has this open. Press to follow", { name });
    const isHidden = !this.isExpanded && index >= SHOWN && !isFollowed;
    return html`<li style="--tnb-person: ${person.color}" ?hidden=${isHidden}
      ><button type="button" class="tnb-chip" aria-label=${t("Follow {name}", { name })} aria-pressed=${isFollowed} title=${title}
        @click=${() => this.onPick(person)}
        ><span class="tnb-disc" aria-hidden="true">${initials(person.name)}</span
        ><span class="tnb-first-name">${person.name.split(/\s+/)[0] ?? person.name}</span
        ><span class="tnb-role" ?hidden=${!person.role}>${roleWords(person.role ?? "")}</span></button
    ></li>`;
  }

  private more(rest: Person[]): TemplateResult {
    const names = rest.map(nameOf).join(", ");
    const words = this.isExpanded ? t("Fewer") : `+${rest.length}`;
    const toggle = () => {
      this.isExpanded = !this.isExpanded;
      this.draw();
    };
    return html`<li ?hidden=${!rest.length}
      ><button type="button" class="tnb-chip" aria-expanded=${this.isExpanded} title=${this.isExpanded ? "" : names}
        aria-label=${this.isExpanded ? words : t("{words} more here: {names}", { words, names })} @click=${toggle}>${words}</button
    ></li>`;
  }
}
