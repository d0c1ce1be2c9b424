/** Where an audit event leads, and who caused it: pure. */

import type { AuditEvent } from "../api/types";
import { auditText } from "../texts/audit";

/** Actions that remove their subject. */
const GONE = ["customer.erase", "segment.delete", "campaign.delete"];

/** The page of the subject, if it has one. */
export function pageOf({
  action,
  subject,
  customer_id: customerId,
}: Pick<AuditEvent, "action" | "subject" | "customer_id">): string | null {
  if (!subject || GONE.includes(action)) return null;
  const name = encodeURIComponent(subject);
  switch (action.split(".")[0]) {
    case "customer":
      return customerId && `/customers/${encodeURIComponent(customerId)}`;
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

/** Who did it, in words: a person by their address, or what the CRM did without a person. */
export const whoOf = ({ by }: Pick<AuditEvent, "by">): string => auditText.itself[by] ?? (by || "–");
