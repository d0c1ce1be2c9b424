import { Link } from "react-router";

import type { Campaign } from "../../api/types";
import { useCounted } from "../../audience/usePreview";
import { useCan } from "../../session/useSession";
import { campaignsText as text } from "../../texts/campaigns";
import { formatTime, zoneName } from "../../texts/format";
import { Callout } from "../../ui/Badge";
import { button } from "../../ui/button";
import { Preflight } from "../preflight/Preflight";
import { may } from "../shared/status";

/** A draft, or one whose time has not come: the check, with the button that sends it. */
export function Waiting({ one }: { one: Campaign }) {
  const mayList = useCan("POST /api/v1/customers/search");
  // From others values of the rules are withheld, so that the server counts those that it has stored.
  const count = useCounted(mayList ? { rules: one.rules } : { campaign_id: one.id }, one.channel);
  return (
    <>
      {one.note && (
        <Callout tone="bad" title={one.status === "missed" ? text.missedTitle : text.attentionTitle}>
          <p>{one.note}</p>
        </Callout>
      )}
      {one.status === "scheduled" && one.schedule_at && (
        <Callout tone="accent" title={text.scheduledTitle(formatTime(one.schedule_at), zoneName())}>
          <p>{text.scheduledText}</p>
        </Callout>
      )}
      <Preflight
        name={one.name}
        channel={one.channel}
        message={one.message}
        rules={one.rules}
        count={count}
        rate={one.rate}
        scheduleAt={one.status === "scheduled" ? one.schedule_at : null}
        keep={() => Promise.resolve(one.id)}
        isKept
        back={
          may(one, "change") && (
            <Link className={button("neutral")} to={`/campaigns/new?edit=${one.id}`}>
              {text.edit}
            </Link>
          )
        }
      />
    </>
  );
}
