import { appText } from "../texts/app";
import { button } from "./button";
import styles from "./Pager.module.css";
import type { Cursor } from "./useCursor";

interface Props {
  cursor: Cursor;
  next: string | null | undefined;
  /** Another page is shown until the one that was asked for is there: what it names as next is not meant. */
  isOld: boolean;
  /** Of what: "customers". */
  of: string;
}

export function Pager({ cursor, next, isOld, of }: Props) {
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
        onClick={() => next && !isOld && cursor.next(next)}
      >
        {appText.next}
      </button>
    </nav>
  );
}
