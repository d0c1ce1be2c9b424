import type { QueryClient } from "@tanstack/react-query";

import { guardWrites } from "../api/http";
import { keys } from "../api/keys";
import type { Session } from "../api/types";
import { sessionText } from "../texts/session";
import { announced, onAnnounced } from "./tabs";
import { startOver } from "./useSession";

/** Keeps this tab true to who is signed in: other tabs, and other browsers, sign people in and out as well. */
export function watchSession(client: QueryClient): void {
  const current = () => client.getQueryData<Session | null>(keys.session.current);
  const isAnothers = () => {
    const told = announced();
    const mine = current();
    return mine != null && told !== undefined && told?.email !== mine.email;
  };
  const check = () => {
    if (isAnothers()) startOver(client);
    else void client.refetchQueries({ queryKey: keys.session.current, type: "active" }, { cancelRefetch: false });
  };
  guardWrites(() => {
    const mine = current();
    if (mine && isAnothers()) throw new Error(sessionText.another(mine.email, announced()?.email));
    return mine?.email;
  });
  onAnnounced(check);
  window.addEventListener("focus", check);
  // A page that comes back from the browser's history has missed what was announced meanwhile.
  window.addEventListener("pageshow", ({ persisted }) => persisted && check());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && check());
}
