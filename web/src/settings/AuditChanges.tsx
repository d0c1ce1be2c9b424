import type { FieldChange } from "../api/types";
import { auditText } from "../texts/audit";
import { classes } from "../ui/classes";
import typography from "../ui/typography.module.css";
import styles from "./AuditLog.module.css";
import { changeWords } from "./auditEvents";

/** So many are shown at once; more are opened. */
const FEW = 2;

/** What an event changed, field by field, before and after. */
export function AuditChanges({ changes }: { changes: readonly FieldChange[] }) {
  if (changes.length === 0) return null;
  const list = (
    <ul className={classes(styles.changes, typography.small)}>
      {changes.map((change) => (
        <li key={change.field} dir="auto">
          {changeWords(change)}
        </li>
      ))}
    </ul>
  );
  if (changes.length <= FEW) return list;
  return (
    <details>
      <summary className={typography.small}>{auditText.changes(changes.length)}</summary>
      {list}
    </details>
  );
}
