import { type ReactNode, useEffect } from "react";
import { Link } from "react-router";

import { appText } from "../texts/app";
import { Icon, type IconName, RoundIcon } from "./Icon";
import layout from "./layout.module.css";
import styles from "./Page.module.css";
import typography from "./typography.module.css";

interface Props {
  title: string;
  /** What the page's title in the browser says, where it differs. */
  tab?: string;
  lead?: ReactNode;
  /** The page above this one. */
  back?: { to: string; label: string };
  /** Shown next to the title: a status, a badge. */
  badge?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page: its heading, what can be done from it, and its content. */
export function Page({ title, tab, lead, back, badge, actions, children }: Props) {
  useEffect(() => {
    document.title = `${tab ?? title} · ${appText.product}`;
  }, [tab, title]);
  return (
    <>
      <header className={styles.head}>
        <div>
          {back && (
            <Link className={styles.back} to={back.to}>
              <Icon name="back" />
              {back.label}
            </Link>
          )}
          <div className={layout.cluster}>
            <h1 dir="auto">{title}</h1>
            {badge}
          </div>
          {lead && <div className={typography.quiet}>{lead}</div>}
        </div>
        {actions && <div className={layout.actions}>{actions}</div>}
      </header>
      {children}
    </>
  );
}

interface CardProps {
  /** Without it the card has no head. */
  title?: string;
  lead?: ReactNode;
  actions?: ReactNode;
  /** A table fills the card from edge to edge. */
  flush?: boolean;
  children: ReactNode;
}

export function Card({ title, lead, actions, flush = false, children }: CardProps) {
  return (
    <section className={styles.card} data-flush={flush || undefined}>
      {title && (
        <div className={styles.cardHead}>
          <div>
            <h2>{title}</h2>
            {lead && <p className={styles.lead}>{lead}</p>}
          </div>
          {actions}
        </div>
      )}
      {children}
    </section>
  );
}

/** Where there is nothing: what would be here, and the next step. */
export function Empty({ title, icon, children }: { title: string; icon?: IconName; children?: ReactNode }) {
  return (
    <div className={styles.empty}>
      {icon && <RoundIcon name={icon} />}
      <p className={styles.emptyTitle}>{title}</p>
      {children}
    </div>
  );
}

export function Loading({ what = appText.loading }: { what?: string }) {
  return (
    <p className={styles.loading} role="status">
      <span className={styles.spinner} aria-hidden="true" /> {what}
    </p>
  );
}

/** The shape of what is on its way, so that nothing jumps when it comes. */
export function Skeleton({ lines = 4, what = appText.loading }: { lines?: number; what?: string }) {
  return (
    <div className={styles.skeleton} role="status" data-testid="skeleton">
      <span className={typography.hidden}>{what}</span>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are all alike.
        <span key={line} className={styles.skeletonLine} aria-hidden="true" />
      ))}
    </div>
  );
}
