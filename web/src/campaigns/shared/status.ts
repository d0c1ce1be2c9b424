/** What a status means for what is shown. */

import type { CampaignStatus } from "../../api/types";

/** Whether figures may still change from one second to the next. */
export const isActive = (status: CampaignStatus) => status === "launching" || status === "sending";

/** Whether it has been launched, whatever became of it. */
export const isLaunched = (status: CampaignStatus) => !["draft", "scheduled", "missed"].includes(status);
