import { useQuery } from "@tanstack/react-query";

import { estimateQuery } from "../../api/campaigns";
import type { Channel } from "../../api/types";
import { formatMoney } from "../../texts/format";
import { newCampaignText as text } from "../../texts/newCampaign";
import typography from "../../ui/typography.module.css";
import styles from "./Estimate.module.css";
import { spanWords } from "./span";

interface Props {
  recipients: number;
  rate: number | null;
  channel: Channel;
}

/** How long it takes to send and what that costs, as far as anybody can say before. */
export function Estimate({ recipients, rate, channel }: Props) {
  const estimate = useQuery(estimateQuery({ recipients, rate, channel }));
  if (estimate.error) return <p className={typography.aside}>{text.estimateFailed}</p>;
  if (!estimate.data) return null;
  const { seconds, cost } = estimate.data;
  return (
    <p className={styles.estimate} data-testid="estimate">
      {text.takes(spanWords(seconds))} {cost ? text.costs(formatMoney(cost.amount, cost.currency)) : text.noCost}
    </p>
  );
}
