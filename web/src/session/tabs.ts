/** What the tabs of one browser tell each other about who is signed in. */

import type { Session } from "../api/types";

type Told = Pick<Session, "email" | "role"> | null;

/** Not among the keys that signing out removes: other tabs learn by it that somebody has signed out. */
const KEY = "crm-session";

/** Tells the other tabs who is signed in now; null for nobody. */
export function announce(session: Told): void {
  // The time makes it a change, so that tabs also hear that the same person has signed in again.
  const told = session && { email: session.email, role: session.role, at: Date.now() };
  try {
    localStorage.setItem(KEY, JSON.stringify(told));
  } catch {
    // A browser that keeps nothing: each tab then learns it from the server, when it gets the focus.
  }
}

/** What was announced last, by any tab; undefined if nothing was. */
export function announced(): Told | undefined {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === null ? undefined : (JSON.parse(kept) as Told);
  } catch {
    return undefined;
  }
}

/** `listener` is called after an announcement by another tab. */
export function onAnnounced(listener: () => void): void {
  window.addEventListener("storage", ({ key }) => {
    if (key === KEY) listener();
  });
}
