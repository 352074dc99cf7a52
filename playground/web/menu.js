/** Context menus: of a message, of a person, and the small grid of reactions. */

import { h, icon } from "./dom.js";
import { openPopup } from "./popup.js";

/**
 * Opens a menu; items are {label, icon?, detail?, danger?, run} or {heading}.
 * @param {HTMLElement | {x: number, y: number}} anchor
 */
export function openMenu(anchor, items, { label, returnTo }) {
  const panel = h("div", { class: "menu", role: "menu", "aria-label": label, tabindex: "-1" });
  let close;
  for (const item of items) {
    if (item.heading) {
      panel.append(h("div", { class: "menu-heading", role: "presentation" }, item.heading));
      continue;
    }
    const run = () => {
      close();
      item.run();
    };
    panel.append(
      h(
        "button",
        {
          type: "button",
          role: "menuitem",
          tabindex: "-1",
          class: item.danger ? "menu-item danger" : "menu-item",
          onclick: run,
          "aria-current": item.current ? "true" : null,
        },
        item.avatar ?? (item.icon ? icon(item.icon) : null),
        h("span", { class: "menu-words" }, item.label, item.detail ? h("small", {}, item.detail) : null),
      ),
    );
  }
  close = openPopup(panel, anchor, { returnTo: returnTo ?? (anchor instanceof HTMLElement ? anchor : undefined) });
  roam(panel, "[role=menuitem]");
  panel.querySelector("[role=menuitem]")?.focus();
}

/** Lets the arrow keys, Home, End and first letters move among the items of a panel. */
function roam(panel, selector, columns = 1) {
  panel.addEventListener("keydown", (event) => {
    const items = [...panel.querySelectorAll(selector)];
    const at = items.indexOf(document.activeElement);
    const steps = { ArrowDown: columns, ArrowUp: -columns, ...(columns > 1 ? { ArrowRight: 1, ArrowLeft: -1 } : {}) };
    let next = -1;
    if (event.key in steps) next = (at + steps[event.key] + items.length) % items.length;
    else if (event.key === "Home") next = 0;
    else if (event.key === "End") next = items.length - 1;
    else if (event.key.length === 1 && event.key !== " ") {
      const letter = event.key.toLowerCase();
      const order = [...items.slice(at + 1), ...items.slice(0, at + 1)];
      next = items.indexOf(order.find((item) => item.textContent.trim().toLowerCase().startsWith(letter)));
    }
    if (next < 0) return;
    event.preventDefault();
    items[next].focus();
  });
}

const REACTIONS = [
  ["👍", "thumbs up"], ["❤️", "heart"], ["😂", "laughing"], ["😮", "surprised"], ["😢", "sad"], ["🎉", "party"],
  ["🔥", "fire"], ["👀", "eyes"], ["✅", "tick"], ["❌", "cross"], ["❓", "question"], ["⭐", "star"],
  ["🎭", "masks"], ["🗡️", "dagger"], ["🐉", "dragon"], ["🎲", "die"], ["📜", "scroll"], ["☕", "hot drink"],
];

/** Opens the grid of reactions and hands the chosen one on. */
export function openReactions(anchor, choose, returnTo) {
  const panel = h("div", { class: "reaction-grid", role: "menu", "aria-label": "React with" });
  let close;
  for (const [sign, name] of REACTIONS) {
    const run = () => {
      close();
      choose(sign);
    };
    panel.append(
      h("button", { type: "button", role: "menuitem", tabindex: "-1", "aria-label": name, onclick: run }, sign),
    );
  }
  close = openPopup(panel, anchor, { returnTo });
  roam(panel, "[role=menuitem]", 6);
  panel.firstElementChild.focus();
}

/** Returns the applications' commands of a kind (2 for people, 3 for messages) as menu items under a heading. */
export function appItems(commands, kind, run) {
  const fitting = commands.filter((command) => command.type === kind);
  if (!fitting.length) return [];
  return [
    { heading: "Apps" },
    ...fitting.map((command) => ({ label: command.name, icon: "app", run: () => run(command) })),
  ];
}
