import type { ReactNode } from "react";

import styles from "./Badge.module.css";
import { classes } from "./classes";
import { Icon, type IconName } from "./Icon";

export type Tone = "good" | "busy" | "warn" | "bad" | "quiet" | "accent";

/** A state in a word or two; the words say what the colour says. */
export function Badge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={classes(styles.badge, styles[tone])}>{children}</span>;
}

const ICONS: Record<Tone, IconName> = {
  good: "check",
  busy: "info",
  warn: "warning",
  bad: "warning",
  quiet: "info",
  accent: "info",
};

/** A box that says something of weight without being an error. */
export function Callout({ tone, title, children }: { tone: Tone; title?: string; children?: ReactNode }) {
  return (
    <div className={classes(styles.callout, styles[tone])}>
      <Icon name={ICONS[tone]} />
      <div className={styles.text}>
        {title && <p className={styles.title}>{title}</p>}
        {children}
      </div>
    </div>
  );
}

/** A framed box for what has just happened. `role` says how urgently it is read out. */
export function Alert({
  tone,
  role,
  children,
}: {
  tone: Tone;
  role: "alert" | "note" | "status";
  children: ReactNode;
}) {
  return (
    <div className={classes(styles.alert, styles[tone])} role={role}>
      {children}
    </div>
  );
}
