import type { ReactNode } from "react";

import tables from "./tables.module.css";

/** Around a table: it scrolls where it is too wide, by keyboard too. */
export function TableFrame({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section className={tables.frame} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
