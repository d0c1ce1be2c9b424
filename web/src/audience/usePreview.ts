import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { previewQuery } from "../api/audience";
import type { AudienceOf, Channel, WireGroup } from "../api/types";
import { useDebounced } from "../ui/useDebounced";

const DELAY = 250;

/** The audience of rules that are being edited. */
export const usePreview = (rules: WireGroup | null, channel: Channel) => useCounted(rules && { rules }, channel);

/**
 * The audience, counted once it has not changed for a moment. A count that is out of date is aborted.
 * `counting` holds from the edit on, so that an old figure is never taken for the new one.
 */
export function useCounted(audience: AudienceOf | null, channel: Channel) {
  const wanted = audience && JSON.stringify(audience);
  const settled = useDebounced(wanted, DELAY);
  const query = useQuery({
    ...previewQuery(settled === null ? null : (JSON.parse(settled) as AudienceOf), channel),
    enabled: settled !== null && settled === wanted,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const counting = wanted !== null && (wanted !== settled || query.isFetching);
  return { preview: wanted === null ? undefined : query.data, counting, error: query.error, retry: query.refetch };
}
