import { useRef } from "react";

import type { Campaign, NewCampaign } from "../api/types";

/**
 * A function that stores the campaign and returns its id; called again for the same campaign, the same id.
 *
 * A launch that failed may so be tried again without a second campaign, and the server launches a campaign once.
 */
export function useDraftOnce(
  body: NewCampaign,
  store: (body: NewCampaign) => Promise<Campaign>,
): () => Promise<string> {
  const kept = useRef<{ key: string; id: Promise<string> } | null>(null);
  return () => {
    const key = JSON.stringify(body);
    if (kept.current?.key === key) return kept.current.id;
    const id = store(body).then((campaign) => campaign.id);
    kept.current = { key, id };
    id.catch(() => {
      kept.current = null;
    });
    return id;
  };
}
