import type { ReactNode } from "react";

import { Icon, type IconName } from "./Icon";

export type Tone = "good" | "busy" | "warn" | "bad" | "quiet" | "accent";

/** A state in a word or two; the words say what the colour says. */
export function Badge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={`badge-tone tone-${tone}`}>{children}</span>;
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
    <div className={`callout tone-${tone}`}>
      <Icon name={ICONS[tone]} />
      <div className="callout-text">
        {title && <p className="callout-title">{title}</p>}
        {children}
      </div>
    </div>
  );
}
