import { useId } from "react";

import { createCampaign, updateCampaign } from "../api/endpoints";
import type { WireGroup } from "../audience/wire";
import { Card } from "../ui/Page";
import { campaignOf, messageOf } from "./draft";
import type { StepProps } from "./step";
import { Review } from "./Review";
import { useDraftOnce } from "./useDraftOnce";

interface Props extends StepProps {
  rules: WireGroup;
  /** The campaign that is changed; null for a new one. */
  editing: string | null;
}

/** The last look before anything is sent. */
export function ReviewStep({ draft, change, count, go, rules, editing }: Props) {
  const id = useId();
  const body = campaignOf(draft, rules);
  const keep = useDraftOnce(body, (wanted) => (editing ? updateCampaign(editing, wanted) : createCampaign(wanted)));
  return (
    <Review
      name={draft.name}
      channel={draft.channel}
      message={messageOf(draft)}
      rules={rules}
      count={count}
      scheduleAt={body.schedule_at ?? null}
      keep={keep}
      back={
        <button type="button" className="btn btn-outline-secondary" onClick={() => go(1)}>
          Back to the message
        </button>
      }
    >
      <Card title="Send later">
        <label className="form-label" htmlFor={id}>
          Send at (leave empty to send when you press the button)
        </label>
        <input
          id={id}
          type="datetime-local"
          className="form-control name-input"
          value={draft.scheduleAt}
          onChange={(event) => change({ scheduleAt: event.target.value })}
        />
      </Card>
    </Review>
  );
}
