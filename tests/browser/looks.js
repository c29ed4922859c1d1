// Measures how a piece of the page looks: the colours of its text and what they are drawn on.
window.teachingLooks = {
  // Every visible piece of text below a node, with the colours that the browser draws it in.
  texts(node) {
    const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      const text = walker.currentNode.textContent.replaceAll("\u2060", "").trim();
      if (text && this.isVisible(element)) {
        const below = this.backgrounds(element);
        const { color } = getComputedStyle(element);
        found.push({ text, css: color, colour: this.draw([...below, color]), background: this.draw(below) });
      }
    }
    return found;
  },

  // The pieces of text below a node that another element covers; letters do not reach the edges of their rows.
  coveredBy(cover, node) {
    const over = cover.getBoundingClientRect();
    const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const range = document.createRange();
      range.selectNodeContents(walker.currentNode);
      for (const box of range.getClientRects()) {
        const middle = (box.top + box.bottom) / 2;
        const isBeside = over.right <= box.left || box.right <= over.left;
        if (!isBeside && over.top < middle && middle < over.bottom) found.push(walker.currentNode.textContent);
      }
    }
    return found;
  },

  isVisible(element) {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  },

  // What the browser draws, bottom up; one pixel of a canvas understands every way to write a colour.
  draw(colours) {
    this.pen ??= new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    this.pen.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      this.pen.fillStyle = colour;
      this.pen.fillRect(0, 0, 1, 1);
    }
    return [...this.pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
  },

  backgrounds(element) {
    const colours = [];
    for (let node = element; node; node = node.parentElement) colours.unshift(getComputedStyle(node).backgroundColor);
    return ["white", ...colours];
  },

  // All colours that the theme defines, as the browser writes them.
  themeColours() {
    const probe = document.createElement("i");
    document.body.append(probe);
    const style = getComputedStyle(document.body);
    const colours = new Set();
    for (const sheet of document.styleSheets) {
      for (const name of this.variables(sheet)) {
        const value = style.getPropertyValue(name).trim();
        probe.style.color = "";
        probe.style.color = value;
        if (probe.style.color) colours.add(getComputedStyle(probe).color);
      }
    }
    probe.remove();
    return [...colours];
  },

  variables(sheet) {
    let rules = [];
    try {
      rules = [...sheet.cssRules];
    } catch {
      return [];
    }
    return rules.flatMap((rule) => [...(rule.style ?? [])].filter((name) => name.startsWith("--jp-") || name.startsWith("--md-")));
  },
};
