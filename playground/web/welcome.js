/** The newcomer's panel: what this is, what to type first, which model speaks, how to go on. */

import { h, icon } from "./dom.js";
import { renderMarkdown } from "./markdown.js";
import { displayName } from "./state.js";

const SEEN = "dramatis.welcomed";
const FIRST = "/character pick";
const FIRST_STEPS =
  `Type \`${FIRST}\` and press Enter twice. A list of characters comes up: ` +
  "press *Chat* on one, go to the thread that opens, and write.";

const whatItIs = (bot) =>
  `A chat server of its own, on this machine, that answers ${bot} as Discord would. ` +
  "Try everything: there is no account and no token, and nothing you do reaches Discord.";

const company = (me, friend) =>
  `You are **${me}**. At the bottom left you can become someone else, ` +
  `or open a second window as ${friend} and play together.`;

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
  let first = false;
  const start = () => {
    first = true;
    dialog.close();
  };
  const text = (words) => h("div", { class: "markdown" }, renderMarkdown(String(words), state.lookup));
  const section = (title, words) => h("section", { class: "welcome-part" }, h("h3", {}, title), text(words));
  const part = (title, words) => (words ? section(title, words) : null);
  const friend = people.find((person) => person.id !== me?.id);
  const lines = Object.values(others).map((words) => `- ${words}`);
  const body = h(
    "div",
    { class: "dialog-body welcome" },
    part("What this is", whatItIs(displayName(bot))),
    part("What to type first", FIRST_STEPS),
    part("Which model speaks", model),
    part("More than one person", friend ? company(displayName(me), displayName(friend)) : ""),
    part("Going on with a real bot", next),
    part("Good to know", lines.join("\n")),
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
