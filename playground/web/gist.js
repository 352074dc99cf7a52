/** A message in a few words, for previews, screen readers and notices. */

import { plainText } from "./markdown.js";

/** Returns what a message says, shortened to `most` characters; a card is named by its first words. */
export function gist(message, lookup, most = 140) {
  const words = plainText(message.content, lookup) || cardWords(message.components ?? [], lookup) || plainText(
    message.embeds?.[0]?.title ?? "",
    lookup,
  );
  const files = (message.attachments ?? []).map((one) => one.filename).join(", ");
  const said = words || files || "a card";
  return said.length > most ? `${said.slice(0, most - 1)}…` : said;
}

function cardWords(components, lookup) {
  for (const component of components) {
    const words = component.type === 10 ? plainText(component.content, lookup) : cardWords(
      component.components ?? [],
      lookup,
    );
    if (words) return words;
  }
  return "";
}
