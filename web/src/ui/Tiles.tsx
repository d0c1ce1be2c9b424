import type { ReactNode } from "react";
import { Link } from "react-router";

/** A row of figures. */
export function Tiles({ large = false, children }: { large?: boolean; children: ReactNode }) {
  return <dl className={`tiles mb-4 ${large ? "is-large" : ""}`}>{children}</dl>;
}

interface Props {
  name: string;
  value: ReactNode;
  note?: ReactNode;
  /** The page that says more. */
  to?: string;
  testId?: string;
}

export function Tile({ name, value, note, to, testId }: Props) {
  return (
    <div className="tile">
      <dt>{to ? <Link to={to}>{name}</Link> : name}</dt>
      <dd>
        <span data-testid={testId}>{value}</span>
        {note && <span className="tile-note">{note}</span>}
      </dd>
    </div>
  );
}
