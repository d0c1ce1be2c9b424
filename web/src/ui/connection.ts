/** Whether the server is reached. TanStack Query waits while it is not, and goes on as soon as it is again. */

import { onlineManager } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

import { isReached, onServerUnreachable } from "../api/http";

const EVERY_MS = 2_000;

let looking = false;

/** From now on a call that fails to reach the server, or the browser's own word, leads to a look at it. */
export function watchConnection(): void {
  onServerUnreachable(() => void look());
  onlineManager.setEventListener((setOnline) => {
    const lost = () => {
      setOnline(false);
      void look();
    };
    const perhapsBack = () => void look();
    window.addEventListener("offline", lost);
    window.addEventListener("online", perhapsBack);
    return () => {
      window.removeEventListener("offline", lost);
      window.removeEventListener("online", perhapsBack);
    };
  });
}

export function useIsConnected(): boolean {
  return useSyncExternalStore(
    (changed) => onlineManager.subscribe(changed),
    () => onlineManager.isOnline(),
  );
}

/** Resolves as soon as the server is reached. */
export async function untilConnected(): Promise<void> {
  if (await isReached()) return;
  onlineManager.setOnline(false);
  await new Promise<void>((resolve) => {
    const stop = onlineManager.subscribe((isOnline) => {
      if (!isOnline) return;
      stop();
      resolve();
    });
    void look();
  });
}

/** Ask until somebody answers. */
async function look(): Promise<void> {
  if (looking) return;
  looking = true;
  while (!(await isReached())) {
    onlineManager.setOnline(false);
    await new Promise((resume) => setTimeout(resume, EVERY_MS));
  }
  looking = false;
  onlineManager.setOnline(true);
}
