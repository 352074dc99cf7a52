/** Small panels near what opened them: one at a time, closed by Escape or a press elsewhere. */

import { byId, h, icon } from "./dom.js";

const MARGIN = 8;
let closeCurrent = null;

/**
 * Shows a panel at an element or a point; returns the function that closes it.
 * @param {HTMLElement} panel
 * @param {HTMLElement | {x: number, y: number}} anchor
 * @param {{returnTo?: HTMLElement, onclose?: () => void, width?: number}} [options]
 */
export function openPopup(panel, anchor, { returnTo, onclose, width } = {}) {
  closePopup();
  const host = (anchor instanceof HTMLElement && anchor.closest("dialog")) || document.body;
  panel.classList.add("popup");
  if (width) panel.style.minWidth = `${width}px`;
  host.append(panel);
  place(panel, anchor);
  const outside = (event) => {
    if (!panel.contains(event.target) && !(anchor instanceof HTMLElement && anchor.contains(event.target))) close(
      false,
    );
  };
  // Escape closes it wherever the focus is; Tab leaves it.
  const keys = (event) => {
    if (event.key !== "Escape" && !(event.key === "Tab" && panel.contains(event.target))) return;
    if (event.key === "Escape") event.preventDefault();
    event.stopPropagation();
    close(true);
  };
  const close = (refocus) => {
    if (closeCurrent !== close) return;
    closeCurrent = null;
    document.removeEventListener("pointerdown", outside, true);
    document.removeEventListener("keydown", keys, true);
    window.removeEventListener("resize", away);
    const hadFocus = panel.contains(document.activeElement);
    panel.remove();
    if (refocus !== false || hadFocus) (returnTo ?? byId("composer"))?.focus();
    onclose?.();
  };
  const away = () => close(false);
  closeCurrent = close;
  document.addEventListener("pointerdown", outside, true);
  document.addEventListener("keydown", keys, true);
  window.addEventListener("resize", away);
  return close;
}

/** Closes the open panel, if there is one. */
export function closePopup() {
  closeCurrent?.(false);
}

function place(panel, anchor) {
  const at = anchor instanceof HTMLElement ? anchor.getBoundingClientRect() : {
    left: anchor.x,
    right: anchor.x,
    top: anchor.y,
    bottom: anchor.y,
  };
  const size = panel.getBoundingClientRect();
  const left = Math.max(MARGIN, Math.min(at.left, window.innerWidth - size.width - MARGIN));
  const below = at.bottom + 4;
  const fits = below + size.height + MARGIN <= window.innerHeight;
  const top = fits ? below : Math.max(
    MARGIN,
    Math.min(at.top - size.height - 4, window.innerHeight - size.height - MARGIN),
  );
  panel.style.left = `${left}px`;
  panel.style.top = `${top}px`;
}

const KINDS = { plain: "", error: "toast-error" };

/** Says one sentence at the edge of the page for a while; `action` adds a button. */
export function toast(text, { kind = "error", action = null, label = "" } = {}) {
  const node = h("div", { class: `toast ${KINDS[kind]}` }, h("span", {}, text));
  const close = () => node.remove();
  if (action) {
    const run = () => {
      close();
      action();
    };
    node.append(h("button", { type: "button", class: "quiet", onclick: run }, label));
  }
  node.append(
    h("button", { type: "button", class: "quiet icon-only", "aria-label": "Dismiss", onclick: close }, icon("close")),
  );
  const region = byId("toasts");
  for (const old of [...region.children].slice(0, -2)) old.remove();
  region.append(node);
  // A modal dialog makes the rest of the page inert, so the notice is shown above it as well as behind.
  const dialog = document.querySelector("dialog[open] .dialog-error");
  if (dialog && kind === "error") dialog.textContent = text;
  setTimeout(close, action ? 20_000 : 8_000);
}
