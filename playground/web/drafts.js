/** What was typed and not sent, by person and channel; outlives a reload of the tab. */

const PREFIX = "dramatis.draft";

function key(person, channel) {
  return `${PREFIX}.${person}.${channel}`;
}

/** Returns the draft of a channel, "" if there is none. */
export function draftOf(person, channel) {
  try {
    return sessionStorage.getItem(key(person, channel)) ?? "";
  } catch {
    return "";
  }
}

/** Keeps a draft; an empty one is forgotten. */
export function keepDraft(person, channel, text) {
  try {
    if (text) sessionStorage.setItem(key(person, channel), text);
    else sessionStorage.removeItem(key(person, channel));
  } catch {
    // Storage may be full or forbidden: the text still stands in the field.
  }
}
