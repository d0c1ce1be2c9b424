import { appText } from "../texts/app";
import type { Cursor } from "./useCursor";

interface Props {
  cursor: Cursor;
  next: string | null;
  /** Another page is shown until the one that was asked for is there: what it names as next is not meant. */
  isOld: boolean;
  /** Of what: "customers". */
  of: string;
}

export function Pager({ cursor, next, isOld, of }: Props) {
  if (cursor.isFirst && !next) return null;
  return (
    <nav className="pager" aria-label={appText.pagesOf(of)}>
      <button
        type="button"
        className="btn btn-sm btn-outline-secondary"
        disabled={cursor.isFirst}
        onClick={cursor.previous}
      >
        {appText.previous}
      </button>
      <button
        type="button"
        className="btn btn-sm btn-outline-secondary"
        disabled={!next}
        onClick={() => next && !isOld && cursor.next(next)}
      >
        {appText.next}
      </button>
    </nav>
  );
}
