/** What kind of message a message is, by Discord's flags and types. */

const EPHEMERAL = 64;
const LOADING = 128;
const NO_EMBEDS = 4;

/** Messages of Discord's own, by type: what their author did. */
export const SYSTEM = {
  1: "added someone to the conversation.",
  4: "changed the channel's name.",
  6: "pinned a message to this channel.",
  7: "joined the server.",
  18: "opened a thread:",
};

/** Returns whether only one person can see a message. */
export const isEphemeral = (message) => Boolean((message.flags ?? 0) & EPHEMERAL);

/** Returns whether a message is a place kept for an answer that is to come. */
export const isLoading = (message) => Boolean((message.flags ?? 0) & LOADING);

/** Returns the embeds that a message shows. */
export const shownEmbeds = (message) => ((message.flags ?? 0) & NO_EMBEDS ? [] : message.embeds ?? []);

/** Returns whether a webhook spoke; an app's answers to commands carry its own id there. */
export const byWebhook = (message) => Boolean(message.webhook_id) && message.webhook_id !== message.application_id;
