/** Portraits: a picture of the playground's own, or initials on a colour of the name. */

import { h } from "./dom.js";
import { localAddress } from "./links.js";

/** Returns a portrait of a user or a character. */
export function avatar(user, className = "avatar") {
  const name = user?.global_name || user?.username || "?";
  const address = localAddress(user?.avatar_url);
  const holder = h("span", { class: className, "aria-hidden": "true" });
  const drawn = () => {
    holder.replaceChildren(initials(name));
    holder.classList.add(`tone-${tone(name)}`);
  };
  if (address) holder.append(h("img", { src: address, alt: "", loading: "lazy", onerror: drawn }));
  else drawn();
  return holder;
}

function initials(name) {
  const words = name.trim().split(/\s+/).slice(0, 2);
  return words.map((word) => [...word][0] ?? "").join("").toUpperCase() || "?";
}

function tone(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return sum % 6;
}
