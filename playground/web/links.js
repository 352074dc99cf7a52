/** Which addresses the page may open, show or follow. */

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

const IN_DISCORD =
  /^https?:\/\/(?:(?:ptb|canary)\.)?discord(?:app)?\.com\/channels\/(?:@me|\d+)\/(\d+)(?:\/(\d+))?\/?$/;

function parsed(address) {
  try {
    return new URL(address, location.href);
  } catch {
    return null;
  }
}

/** Returns a web address as it may stand in a link, or null (javascript:, data: and the like). */
export function safeHref(address) {
  const url = /^https?:\/\//i.test(address ?? "") ? parsed(address) : null;
  return url ? url.href : null;
}

/** Returns an address of this playground's own files as a path on this page's origin, or null for any other. */
export function localAddress(address) {
  const url = address ? parsed(address) : null;
  if (!url || !/^https?:$/.test(url.protocol)) return null;
  const ours = url.origin === location.origin || (LOOPBACK.has(url.hostname) && url.port === location.port);
  return ours ? url.pathname + url.search : null;
}

/** Returns where a media item stands, `attachment://` names looked up among a message's attachments, or null. */
export function mediaAddress(item, attachments = []) {
  const address = item?.url ?? "";
  if (address.startsWith("attachment://")) {
    const name = address.slice("attachment://".length);
    return localAddress(attachments.find((attachment) => attachment.filename === name)?.url);
  }
  return localAddress(address) ?? localAddress(item?.proxy_url);
}

/** Returns the channel and message ids of a link into Discord, or null for any other address. */
export function channelLink(address) {
  const match = IN_DISCORD.exec(address ?? "");
  return match ? { channel: match[1], message: match[2] ?? null } : null;
}

/** Returns the address within this page of a channel, or of one message in it. */
export function placeHref(channel, message = null) {
  return message ? `#c=${channel}&m=${message}` : `#c=${channel}`;
}

/** Returns the channel and message that this page's own address names. */
export function currentPlace() {
  const parts = new URLSearchParams(location.hash.slice(1));
  return { channel: parts.get("c"), message: parts.get("m") };
}
