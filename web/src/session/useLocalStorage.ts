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
  return [value, setValue, () => forget(key)] as const;
}

/** Forgets what another page keeps under a name. */
export function useForget() {
  const email = useSession().data?.email ?? "";
  return (name: string) => forget(keyOf(email, name));
}

const keyOf = (email: string, name: string) => `${PREFIX}${email}:${name}`;

/** Signing out leaves nothing behind. */
export function forgetEverything(): void {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
    for (const key of keys) localStorage.removeItem(key);
  } catch {
    // A browser that keeps nothing has nothing to forget.
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
