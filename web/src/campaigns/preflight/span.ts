/** Spans of time in words: pure. */

import { newCampaignText as text } from "../../texts/newCampaign";

/** "a second", "40 seconds", "3 minutes", "2 hours": rounded up, for promises are better kept. */
export function spanWords(seconds: number): string {
  if (seconds < 1) return text.underASecond;
  if (seconds < 90) return text.seconds(Math.ceil(seconds));
  if (seconds < 90 * 60) return text.minutes(Math.ceil(seconds / 60));
  if (seconds < 36 * 3600) return text.hours(Math.ceil(seconds / 3600));
  return text.daysLong(Math.ceil(seconds / 86_400));
}
