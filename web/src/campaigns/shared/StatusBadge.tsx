import type { CampaignStatus } from "../../api/types";
import { STATUS_WORDS } from "../../texts/campaigns";

export function StatusBadge({ status }: { status: CampaignStatus }) {
  return <span className={`status status-${status}`}>{STATUS_WORDS[status]}</span>;
}
