import type { Cursor } from "./useCursor";

interface Props {
  cursor: Cursor;
  next: string | null;
  /** Of what: "customers". */
  of: string;
}

export function Pager({ cursor, next, of }: Props) {
  if (cursor.isFirst && !next) return null;
  return (
    <nav className="pager" aria-label={`Pages of ${of}`}>
      <button
        type="button"
        className="btn btn-sm btn-outline-secondary"
        disabled={cursor.isFirst}
        onClick={cursor.previous}
      >
        Previous
      </button>
      <button
        type="button"
        className="btn btn-sm btn-outline-secondary"
        disabled={!next}
        onClick={() => next && cursor.next(next)}
      >
        Next
      </button>
    </nav>
  );
}
