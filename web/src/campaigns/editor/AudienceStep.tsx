import { useId } from "react";

import type { Channel, Segment, WireGroup } from "../../api/types";
import { AudienceEditor } from "../../audience/AudienceEditor";
import { Count } from "../../audience/Count";
import { useLimits } from "../../session/useLimits";
import { CHANNEL_NAMES } from "../../texts/audience";
import { newCampaignText as text } from "../../texts/newCampaign";
import { button } from "../../ui/button";
import forms from "../../ui/forms.module.css";
import layout from "../../ui/layout.module.css";
import { Card } from "../../ui/Page";
import typography from "../../ui/typography.module.css";
import type { StepProps } from "./step";

interface Props extends StepProps {
  rules: WireGroup | null;
  segments: Segment[];
}

/** Whom to write to, on which channel. */
export function AudienceStep({ draft, change, count, go, rules, segments }: Props) {
  const id = useId();
  const limits = useLimits();
  const isNamed = draft.name.trim() !== "";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        go("message");
      }}
    >
      <Card title={text.campaignCard}>
        <div className={forms.grid}>
          <div>
            <label className={forms.label} htmlFor={`${id}name`}>
              {text.name}
            </label>
            <input
              id={`${id}name`}
              required
              maxLength={limits?.campaign_name}
              value={draft.name}
              onChange={(event) => change({ name: event.target.value })}
            />
          </div>
          <div>
            <label className={forms.label} htmlFor={`${id}channel`}>
              {text.channel}
            </label>
            <select
              id={`${id}channel`}
              value={draft.channel}
              onChange={(event) => change({ channel: event.target.value as Channel })}
            >
              {Object.entries(CHANNEL_NAMES).map(([channel, words]) => (
                <option key={channel} value={channel}>
                  {words}
                </option>
              ))}
            </select>
          </div>
          <div>
            <label className={forms.label} htmlFor={`${id}audience`}>
              {text.audience}
            </label>
            <select
              id={`${id}audience`}
              value={draft.segmentId ?? ""}
              onChange={(event) => change({ segmentId: event.target.value || null })}
            >
              <option value="">{text.ownRules}</option>
              {segments.map((segment) => (
                <option key={segment.id} value={segment.id}>
                  {text.segment(segment.name)}
                </option>
              ))}
            </select>
          </div>
        </div>
      </Card>
      {draft.segmentId === null ? (
        <AudienceEditor
          value={draft.selection}
          channel={draft.channel}
          onChange={(selection) => change({ selection })}
        />
      ) : (
        <Count {...count} unfinished={rules === null} channel={draft.channel} />
      )}
      <div className={layout.actions}>
        <button type="submit" className={button("primary")} disabled={!isNamed || rules === null}>
          {text.toMessage}
        </button>
        {rules === null && <p className={typography.aside}>{text.needsRules}</p>}
        {rules !== null && !isNamed && <p className={typography.aside}>{text.needsName}</p>}
      </div>
    </form>
  );
}
