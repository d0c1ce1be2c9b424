import { useEffect, useState } from "react";

import { useSession } from "./useSession";

const PREFIX = "crm:";

/** Like useState, but kept in this browser under the signed-in person: it survives a reload and a lost session. */
export function useLocalStorage<T>(name: string, initial: T | (() => T)) {
  const session = useSession().data;
  // Of whoever began the work: another person who signs in meanwhile does not get it.
  const [email] = useState(session?.email ?? "");
  const key = keyOf(email, name);
  const [value, setValue] = useState<T>(() => read<T>(key) ?? (initial instanceof Function ? initial() : initial));
  useEffect(() => write(key, value), [key, value]);
  return [value, setValue, () => forgetWork(email, name)] as const;
}

/** Marks the work under a name as unsaved, with what people call it; null where nothing would be lost. */
export function useUnsaved(name: string, what: string | null): void {
  const session = useSession().data;
  const [email] = useState(session?.email ?? "");
  const key = unsavedKeyOf(email, name);
  useEffect(() => (what === null ? forget(key) : write(key, what)), [key, what]);
}

/** What a person would lose by signing out, as they call it; in all tabs. */
export function unsavedWork(email: string): string[] {
  const found = kept(unsavedKeyOf(email, "")).map((key) => read<string>(key));
  return [...new Set(found)].filter((what) => what !== null);
}

/** Forgets what another page keeps under a name. */
export function useForget() {
  const email = useSession().data?.email ?? "";
  return (name: string) => forgetWork(email, name);
}

const keyOf = (email: string, name: string) => `${PREFIX}${email}:${name}`;
const unsavedKeyOf = (email: string, name: string) => keyOf(email, `unsaved ${name}`);

/** Signing out leaves nothing of a person behind. */
export function forgetEverything(email: string): void {
  for (const key of kept(keyOf(email, ""))) forget(key);
}

function forgetWork(email: string, name: string): void {
  forget(keyOf(email, name));
  forget(unsavedKeyOf(email, name));
}

function kept(prefix: string): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

function read<T>(key: string): T | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") as T | null;
  } catch {
    return null;
  }
}

function write(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Full, or forbidden: then the work lasts as long as the page.
  }
}

function forget(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // There is nothing kept, which is what was asked for.
  }
}
