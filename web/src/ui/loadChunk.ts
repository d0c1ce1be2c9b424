/** Code in chunks of their own, and what to do when one cannot be loaded: offline, or replaced by a deployment. */

import { appText } from "../texts/app";
import { untilConnected } from "./connection";

/** A chunk could not be loaded, and another try in this page does not help. */
export class ChunkLoadError extends Error {
  constructor(cause: unknown) {
    super(appText.chunkNotLoaded, { cause });
    this.name = "ChunkLoadError";
  }
}

/** Milliseconds before each further try. */
const WAITS_MS = [250, 1_000];

/**
 * The module that `load` imports, tried again after short waits while there is a connection. Throws ChunkLoadError.
 *
 * Chromium does not ask again for a module that failed once, nor for one that imports it, until the page is reloaded.
 * Other browsers do.
 */
export async function loadChunk<T>(load: () => Promise<T>, waits: readonly number[] = WAITS_MS): Promise<T> {
  try {
    return await load();
  } catch (error) {
    await untilConnected();
    const [wait, ...later] = waits;
    if (wait === undefined || isStylesheetMissing(error)) throw new ChunkLoadError(error);
    await new Promise((resume) => setTimeout(resume, wait));
    return loadChunk(load, later);
  }
}

/** Vite does not ask again for a stylesheet: a second try would show the page without it. */
function isStylesheetMissing(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Unable to preload CSS");
}

const RELOADED_AT = "crm:reloaded_at:";
const AGAIN_AFTER_MS = 60_000;

/** Reloads a page whose chunk could not be loaded, unless the same page was just reloaded: then false. */
export function reloadOnce(): boolean {
  const key = RELOADED_AT + window.location.pathname;
  try {
    const before = Number(sessionStorage.getItem(key));
    if (Date.now() - before < AGAIN_AFTER_MS) return false;
    sessionStorage.setItem(key, String(Date.now()));
  } catch {
    // Without storage nothing would end a loop of reloads.
    return false;
  }
  window.location.reload();
  return true;
}
