import styles from "./Dot.module.css";

/** The colour that stands for a name in a chart or a bar. `tone` is that of a token. */
export function Dot({ tone }: { tone: string }) {
  return <span className={styles.dot} style={{ background: `var(--crm-${tone})` }} aria-hidden="true" />;
}
