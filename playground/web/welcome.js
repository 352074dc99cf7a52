/** The newcomer's panel: what this is, what to type first, which model speaks, how to go on. */

import { h, icon } from "./dom.js";
import { renderMarkdown } from "./markdown.js";
import { displayName } from "./state.js";

const SEEN = "dramatis.welcomed";
const FIRST = "/character pick";

/** Returns whether this browser has never shown the panel. */
export function isNewcomer() {
  try {
    return !localStorage.getItem(SEEN);
  } catch {
    return false;
  }
}

function remember() {
  try {
    localStorage.setItem(SEEN, "yes");
  } catch {
    // Without storage the panel simply shows again.
  }
}

/** Opens the panel; `tryFirst` puts the first command into the composer. */
export function openWelcome(state, tryFirst) {
  const returnTo = document.activeElement;
  const { notes, me, bot, people } = state;
  const { model, next_steps: next, tagline, ...others } = notes;
  const text = (words) => h("div", { class: "markdown" }, renderMarkdown(words, state.lookup));
  const part = (title, ...inside) => h("section", { class: "welcome-part" }, h("h3", {}, title), inside);
  let first = false;
  const start = () => {
    first = true;
    dialog.close();
  };
  const friend = people.find((person) => person.id !== me?.id);
  const body = h(
    "div",
    { class: "dialog-body welcome" },
    part(
      "What this is",
      text(
        `A playground: a chat server of its own, in this browser and on this machine, that answers ${displayName(bot)} as Discord would. You can try everything here without an account, a token or the internet. Nothing you do reaches Discord.`,
      ),
    ),
    part(
      "What to type first",
      text(
        `Type \`${FIRST}\` and press Enter twice. A list of characters comes up: press *Chat* on one, go to the thread that opens, and write.`,
      ),
    ),
    model ? part("Which model speaks", text(model)) : null,
    friend ? part("More than one person", text(`You are **${displayName(me)}**. At the bottom left you can become someone else, or open a second window as ${displayName(friend)} and play together.`)) : null,
    next ? part("Going on with a real bot", text(next)) : null,
    Object.values(others).length ? part("Good to know", h("ul", {}, Object.values(others).map((words) => h("li", {}, text(String(words)))))) : null,
  );
  const shut = h(
    "button",
    { type: "button", class: "quiet icon-only", "aria-label": "Close", onclick: () => dialog.close() },
    icon("close"),
  );
  const go = h("button", { type: "button", class: "solid", onclick: start }, `Start with ${FIRST}`);
  const dialog = h(
    "dialog",
    { class: "dialog wide", "aria-labelledby": "welcome-title", id: "welcome" },
    h(
      "div",
      { class: "dialog-form" },
      h("header", { class: "dialog-head" }, h("h2", { id: "welcome-title" }, "Welcome to the playground"), shut),
      body,
      h(
        "footer",
        { class: "dialog-foot" },
        h("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, "Look around"),
        go,
      ),
    ),
  );
  dialog.addEventListener("close", () => {
    remember();
    dialog.remove();
    if (first) tryFirst(FIRST);
    else if (returnTo?.isConnected && returnTo !== document.body) returnTo.focus();
    else document.getElementById("composer").focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  go.focus();
}
