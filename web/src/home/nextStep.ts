/** What to do next, by what there is: pure. */

import type { Campaign } from "../api/types";
import { homeText } from "../texts/home";

export interface NextStep {
  title: string;
  text: string;
  action: string;
  path: string;
}

/** `campaigns` are the newest ones. What is stuck comes first, then what was begun, then what is missing. */
export function nextStep(segments: number, campaigns: readonly Pick<Campaign, "id" | "name" | "status">[]): NextStep {
  const { next } = homeText;
  const stuck = campaigns.find(({ status }) => status === "needs_attention" || status === "missed");
  if (stuck) return { ...next.attention(stuck.name), path: `/campaigns/${stuck.id}` };
  const draft = campaigns.find(({ status }) => status === "draft");
  if (draft) return { ...next.draft(draft.name), path: `/campaigns/${draft.id}` };
  if (campaigns.length > 0) return { ...next.again, path: "/campaigns/new" };
  if (segments > 0) return { ...next.write, path: "/campaigns/new" };
  return { ...next.audience, path: "/segments/new" };
}
