import { Link } from "react-router";

import type { Campaign } from "../../api/types";
import { usePreview } from "../../audience/usePreview";
import { useMay } from "../../session/useSession";
import { campaignsText as text } from "../../texts/campaigns";
import { formatTime, zoneName } from "../../texts/format";
import { Callout } from "../../ui/Badge";
import { button } from "../../ui/button";
import { Preflight } from "../preflight/Preflight";

/** A draft, or one whose time has not come: the check, with the button that sends it. */
export function Waiting({ one }: { one: Campaign }) {
  const count = usePreview(one.rules, one.channel);
  const mayWrite = useMay("marketer");
  return (
    <>
      {one.status === "missed" && (
        <Callout tone="bad" title={text.missedTitle}>
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
          mayWrite && (
            <Link className={button("neutral")} to={`/campaigns/new?edit=${one.id}`}>
              {text.edit}
            </Link>
          )
        }
      />
    </>
  );
}
