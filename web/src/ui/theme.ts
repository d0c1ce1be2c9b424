import { createStore } from "./store";

/** What the viewer chose; `auto` follows the system. `public/theme.js` applies it, before anything is painted. */
export type Theme = "auto" | "light" | "dark";

export const THEMES: readonly Theme[] = ["auto", "light", "dark"];

const KEY = "crm-theme";
const theme = createStore<Theme>(kept());

export const useTheme = theme.use;

export function chooseTheme(next: Theme): void {
  theme.set(next);
  try {
    if (next === "auto") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
  } catch {
    // A browser that keeps nothing follows the system.
  }
  window.dispatchEvent(new Event(KEY));
}

function kept(): Theme {
  try {
    return THEMES.find((one) => one === localStorage.getItem(KEY)) ?? "auto";
  } catch {
    return "auto";
  }
}
