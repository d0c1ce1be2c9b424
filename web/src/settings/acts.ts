/** Acts of the audit log: pure. */

import type { AuditEvent } from "../api/types";
import { auditText } from "../texts/audit";

/** What is no more afterwards. */
const GONE = ["customer.erase", "segment.delete", "campaign.delete"];

/** The page of what was acted on, if it has one. */
export function pageOf({ action, subject }: Pick<AuditEvent, "action" | "subject">): string | null {
  if (!subject || GONE.includes(action)) return null;
  const name = encodeURIComponent(subject);
  switch (action.split(".")[0]) {
    case "customer":
      return `/customers/${name}`;
    case "segment":
      return `/segments/${name}`;
    case "campaign":
      return `/campaigns/${name}`;
    case "import":
      return `/imports/new?import=${name}`;
    default:
      return null;
  }
}

/** Who did it, in words: a person by their address, or what the CRM does by itself. */
export const whoOf = ({ by }: Pick<AuditEvent, "by">): string => auditText.itself[by] ?? (by || "–");
