import { useEffect, type ReactNode } from "react";

interface Props {
  title: string;
  /** What the page's title in the browser says, where it differs. */
  tab?: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page: its heading, what can be done from it, and its content. */
export function Page({ title, tab, lead, actions, children }: Props) {
  useEffect(() => {
    document.title = `${tab ?? title} · CRM`;
  }, [tab, title]);
  return (
    <>
      <header className="page-head">
        <div>
          <h1>{title}</h1>
          {lead && <div className="text-body-secondary">{lead}</div>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </>
  );
}

export function Card({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className="card mb-4">
      <div className="card-body">
        <div className="card-head">
          <h2>{title}</h2>
          {actions}
        </div>
        {children}
      </div>
    </section>
  );
}

export function Empty({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="empty">
      <p className="h5 mb-2">{title}</p>
      {children}
    </div>
  );
}

export function Loading({ what = "Loading…" }: { what?: string }) {
  return (
    <p className="loading" role="status">
      <span className="spinner-border spinner-border-sm" aria-hidden="true" /> {what}
    </p>
  );
}
