import { useId } from "react";

import type { WireGroup } from "../../api/types";
import { useLimits } from "../../session/useLimits";
import { utcOfLocal, zoneName } from "../../texts/format";
import { newCampaignText as text } from "../../texts/newCampaign";
import { button } from "../../ui/button";
import { classes } from "../../ui/classes";
import forms from "../../ui/forms.module.css";
import layout from "../../ui/layout.module.css";
import { Card } from "../../ui/Page";
import { Preflight } from "../preflight/Preflight";
import { rateOf } from "../shared/rate";
import { isPast, messageOf } from "./draft";
import type { StepProps } from "./step";

interface Props extends StepProps {
  rules: WireGroup;
  /** Stores the campaign with its time. */
  schedule: () => Promise<string>;
  onSent: () => void;
}

/** The last check before anything is sent, where time and rate are chosen. */
export function CheckStep({ draft, change, count, go, keep, isKept, rules, schedule, onSent }: Props) {
  const id = useId();
  const limits = useLimits();
  const rate = rateOf(draft.rate, limits);
  const past = isPast(draft, Date.now());
  const badRate = Number.isNaN(rate);
  return (
    <Preflight
      name={draft.name}
      channel={draft.channel}
      message={messageOf(draft)}
      rules={rules}
      count={count}
      rate={badRate ? null : rate}
      scheduleAt={utcOfLocal(draft.scheduleAt)}
      isBlocked={past || badRate}
      keep={keep}
      isKept={isKept}
      schedule={schedule}
      onSent={onSent}
      back={
        <button type="button" className={button("neutral")} onClick={() => go("message")}>
          {text.toMessageAgain}
        </button>
      }
    >
      <Card title={text.timeCard}>
        <label className={forms.label} htmlFor={`${id}at`}>
          {text.sendAt(zoneName())}
        </label>
        <input
          id={`${id}at`}
          type="datetime-local"
          className={forms.medium}
          aria-invalid={past || undefined}
          aria-describedby={past ? `${id}past` : undefined}
          value={draft.scheduleAt}
          onChange={(event) => change({ scheduleAt: event.target.value })}
        />
        {past && (
          <p id={`${id}past`} className={forms.fault}>
            {text.past}
          </p>
        )}
        <label className={classes(forms.label, layout.above4)} htmlFor={`${id}rate`}>
          {text.rate}
        </label>
        <input
          id={`${id}rate`}
          inputMode="numeric"
          className={forms.tiny}
          aria-invalid={badRate || undefined}
          aria-describedby={badRate ? `${id}bad` : undefined}
          value={draft.rate}
          onChange={(event) => change({ rate: event.target.value })}
        />
        {badRate && (
          <p id={`${id}bad`} className={forms.fault}>
            {text.badRate(limits)}
          </p>
        )}
      </Card>
    </Preflight>
  );
}
