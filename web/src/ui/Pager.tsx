import { useEffect, useState } from "react";

import { appText } from "../texts/app";
import { button } from "./button";
import styles from "./Pager.module.css";
import type { Cursor } from "./useCursor";

interface Props {
  cursor: Cursor;
  next: string | null | undefined;
  /** An older page is shown until the requested one is there, so its `next` does not apply. */
  isOld: boolean;
  /** Of what: "customers". */
  of: string;
}

/** A press of "Next" while a page is loaded counts from that page, once it is there. */
export function Pager({ cursor, next, isOld, of }: Props) {
  const [asked, setAsked] = useState<{ from: string | null } | null>(null);
  useEffect(() => {
    if (!asked || isOld) return;
    setAsked(null);
    if (next && asked.from === cursor.cursor) cursor.next(next);
  });
  if (cursor.isFirst && !next) return null;
  return (
    <nav className={styles.pager} aria-label={appText.pagesOf(of)}>
      <button type="button" className={button("neutral", "small")} disabled={cursor.isFirst} onClick={cursor.previous}>
        {appText.previous}
      </button>
      <button
        type="button"
        className={button("neutral", "small")}
        disabled={!next}
        onClick={() => (isOld ? setAsked({ from: cursor.cursor }) : next && cursor.next(next))}
      >
        {appText.next}
      </button>
    </nav>
  );
}
