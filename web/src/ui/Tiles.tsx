import type { ReactNode } from "react";
import { Link } from "react-router";

import { classes } from "./classes";
import styles from "./Tiles.module.css";

/** A row of figures. */
export function Tiles({ large = false, children }: { large?: boolean; children: ReactNode }) {
  return <dl className={classes(styles.tiles, large && styles.large)}>{children}</dl>;
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
    <div className={styles.tile}>
      <dt>{to ? <Link to={to}>{name}</Link> : name}</dt>
      <dd>
        <span data-testid={testId}>{value}</span>
        {note && <span className={styles.note}>{note}</span>}
      </dd>
    </div>
  );
}
