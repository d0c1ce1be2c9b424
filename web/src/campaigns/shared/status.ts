/** What a status means for what is shown. */

import type { AllowedAction, Campaign, CampaignStatus } from "../../api/types";

/** Whether figures may still change from one second to the next. */
export const isActive = (status: CampaignStatus) => status === "launching" || status === "sending";

/** Whether there is a report: it has been launched, or never will be. */
export const hasReport = ({ status, launched_at }: Pick<Campaign, "status" | "launched_at">) =>
  launched_at !== null || status === "cancelled";

/** Whether the server lets the signed-in person do this with the campaign now. */
export const may = (one: Pick<Campaign, "allowed_actions">, action: AllowedAction) =>
  one.allowed_actions.includes(action);
