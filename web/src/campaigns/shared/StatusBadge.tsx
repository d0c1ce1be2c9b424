import type { CampaignStatus } from "../../api/types";
import { STATUS_WORDS } from "../../texts/campaigns";
import { Badge, type Tone } from "../../ui/Badge";

const TONES: Partial<Record<CampaignStatus, Tone>> = {
  finished: "good",
  launching: "busy",
  sending: "busy",
  paused: "warn",
  scheduled: "warn",
  missed: "bad",
  needs_attention: "bad",
};

export function StatusBadge({ status }: { status: CampaignStatus }) {
  return <Badge tone={TONES[status] ?? "quiet"}>{STATUS_WORDS[status]}</Badge>;
}
