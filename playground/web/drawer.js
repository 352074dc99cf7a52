/** The channels' drawer on narrow screens, and the switch between light and dark. */

import { byId, icon } from "./dom.js";

const NARROW = window.matchMedia("(max-width: 760px)");

/** Makes the drawer open and close, and the theme's button work. */
export function watchDrawer() {
  const [button, sidebar, scrim] = [byId("drawer-button"), byId("sidebar"), byId("scrim")];
  button.append(icon("menu"));
  const set = (open) => {
    const hidden = NARROW.matches && !open;
    sidebar.classList.toggle("open", open && NARROW.matches);
    sidebar.inert = hidden;
    scrim.hidden = !(open && NARROW.matches);
    button.setAttribute("aria-expanded", String(open && NARROW.matches));
  };
  const isOpen = () => sidebar.classList.contains("open");
  const close = () => {
    if (!isOpen()) return;
    set(false);
    button.focus();
  };
  button.addEventListener("click", () => {
    set(!isOpen());
    if (isOpen()) (sidebar.querySelector("[aria-current]") ?? sidebar.querySelector("a, button"))?.focus();
  });
  scrim.addEventListener("click", close);
  sidebar.addEventListener("click", (event) => event.target.closest("a") && close());
  // Wherever the focus is: a redraw or a late answer may have moved it. What lies on top is closed first.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !isOpen() || document.querySelector("dialog[open], .popup")) return;
    event.preventDefault();
    event.stopPropagation();
    close();
  }, true);
  NARROW.addEventListener("change", () => set(false));
  set(false);
  watchTheme();
}

function watchTheme() {
  const button = byId("theme-button");
  const root = document.documentElement;
  const show = () => {
    const dark = root.dataset.theme === "dark";
    button.replaceChildren(icon(dark ? "sun" : "moon"));
    button.setAttribute("aria-label", dark ? "Use light colours" : "Use dark colours");
  };
  button.addEventListener("click", () => {
    try {
      localStorage.setItem("dramatis.theme", root.dataset.theme === "dark" ? "light" : "dark");
      document.dispatchEvent(new Event("themechoose"));
    } catch {
      root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    }
    show();
  });
  document.addEventListener("themechange", show);
  show();
}
