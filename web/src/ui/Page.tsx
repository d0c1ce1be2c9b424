import { type ReactNode, useEffect } from "react";
import { Link } from "react-router";

import { appText } from "../texts/app";
import { Icon, type IconName } from "./Icon";

interface Props {
  title: string;
  /** What the page's title in the browser says, where it differs. */
  tab?: string;
  lead?: ReactNode;
  /** The page above this one. */
  back?: { to: string; label: string };
  /** What stands beside the title: a status, a badge. */
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
      <header className="page-head">
        <div>
          {back && (
            <Link className="page-back" to={back.to}>
              <Icon name="back" />
              {back.label}
            </Link>
          )}
          <div className="d-flex flex-wrap align-items-center gap-2">
            <h1 dir="auto">{title}</h1>
            {badge}
          </div>
          {lead && <div className="text-body-secondary">{lead}</div>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </>
  );
}

interface CardProps {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  /** A table fills the card from edge to edge. */
  flush?: boolean;
  children: ReactNode;
}

export function Card({ title, lead, actions, flush = false, children }: CardProps) {
  return (
    <section className={`card mb-4 ${flush ? "is-flush" : ""}`}>
      <div className="card-body">
        <div className="card-head">
          <div>
            <h2>{title}</h2>
            {lead && <p className="card-lead">{lead}</p>}
          </div>
          {actions}
        </div>
        {children}
      </div>
    </section>
  );
}

/** Where there is nothing: what would be here, and the next step. */
export function Empty({ title, icon, children }: { title: string; icon?: IconName; children?: ReactNode }) {
  return (
    <div className="empty">
      {icon && (
        <span className="empty-icon">
          <Icon name={icon} />
        </span>
      )}
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}

export function Loading({ what = appText.loading }: { what?: string }) {
  return (
    <p className="loading" role="status">
      <span className="spinner-border spinner-border-sm" aria-hidden="true" /> {what}
    </p>
  );
}

/** The shape of what is on its way, so that nothing jumps when it comes. */
export function Skeleton({ lines = 4, what = appText.loading }: { lines?: number; what?: string }) {
  return (
    <div className="skeleton" role="status">
      <span className="visually-hidden">{what}</span>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are all alike.
        <span key={line} aria-hidden="true" />
      ))}
    </div>
  );
}
