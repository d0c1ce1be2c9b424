/** What the server's short names mean to people. */

import type { Channel } from "../api/types";
import { humanize } from "./fields";
import { formatCount } from "../ui/format";

export const CHANNEL_NAMES: Record<Channel, string> = {
  simulator: "Simulator",
  email: "E-mail",
  sms: "Text message",
};

/** "can be reached by …". */
export const BY_CHANNEL: Record<Channel, string> = {
  simulator: "the simulator",
  email: "e-mail",
  sms: "text message",
};

const EXCLUSIONS: Record<string, [one: string, many: string]> = {
  no_consent: ["has not given consent", "have not given consent"],
  no_address: ["has no address for it", "have no address for it"],
  suppressed: ["is on the do-not-send list", "are on the do-not-send list"],
};

/** "213 have not given consent". */
export function exclusionWords(reason: string, count: number): string {
  return `${formatCount(count)} ${count === 1 ? reasonOfOne(reason) : (EXCLUSIONS[reason]?.[1] ?? humanize(reason))}`;
}

/** "has not given consent". */
export function reasonOfOne(reason: string): string {
  return EXCLUSIONS[reason]?.[0] ?? humanize(reason);
}
