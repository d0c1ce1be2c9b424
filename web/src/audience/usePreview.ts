import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { previewQuery } from "../api/audience";
import type { Channel, WireGroup } from "../api/types";
import { useDebounced } from "../ui/useDebounced";

const DELAY = 250;

/**
 * The audience of `rules`, counted once they have not changed for a moment. A count that is out of date is aborted.
 * `counting` holds from the edit on, so that an old figure is never taken for the new one.
 */
export function usePreview(rules: WireGroup | null, channel: Channel) {
  const wanted = rules && JSON.stringify(rules);
  const settled = useDebounced(wanted, DELAY);
  const query = useQuery({
    ...previewQuery(settled === null ? null : (JSON.parse(settled) as WireGroup), channel),
    enabled: settled !== null && settled === wanted,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const counting = wanted !== null && (wanted !== settled || query.isFetching);
  return { preview: wanted === null ? undefined : query.data, counting, error: query.error, retry: query.refetch };
}
