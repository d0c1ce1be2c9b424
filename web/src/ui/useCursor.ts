import { useState } from "react";

/** Steps through a list by its cursors; `previous` works because the way is kept. */
export function useCursor() {
  const [way, setWay] = useState<(string | null)[]>([null]);
  return {
    cursor: way.at(-1) ?? null,
    isFirst: way.length === 1,
    next: (cursor: string) => setWay((before) => [...before, cursor]),
    previous: () => setWay((before) => (before.length > 1 ? before.slice(0, -1) : before)),
    restart: () => setWay([null]),
  };
}

export type Cursor = ReturnType<typeof useCursor>;
