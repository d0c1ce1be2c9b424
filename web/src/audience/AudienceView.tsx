import { useState } from "react";

import type { Channel, CustomerBrief, WireGroup } from "../api/types";
import { audienceText as text } from "../texts/audience";
import { capitalized } from "../texts/format";
import { Card } from "../ui/Page";
import styles from "./AudienceEditor.module.css";
import { Count } from "./Count";
import { Explain } from "./Explain";
import { useCounted } from "./usePreview";

interface Props {
  segmentId: string;
  rules: WireGroup;
  /** The rules in words. */
  description: string;
  channel: Channel;
}

/** The rules of a segment to read, with what they amount to: how many, who, and why. */
export function AudienceView({ segmentId, rules, description, channel }: Props) {
  const [asked, setAsked] = useState<CustomerBrief | null>(null);
  const count = useCounted({ segment_id: segmentId }, channel);
  return (
    <div className={styles.audience}>
      <div className={styles.rules}>
        <Card title={text.rulesTitle}>
          <p dir="auto" data-testid="rules">
            {capitalized(description)}
          </p>
        </Card>
      </div>
      <div className={styles.count}>
        <Count {...count} unfinished={false} channel={channel} onAsk={setAsked} isDescribed />
      </div>
      <div className={styles.explain}>
        <Explain rules={rules} sample={count.preview?.sample ?? []} chosen={asked} onChoose={setAsked} />
      </div>
    </div>
  );
}
