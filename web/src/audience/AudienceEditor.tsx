import { useId, useState } from "react";

import type { Channel, CustomerBrief } from "../api/types";
import { useLimits } from "../session/useLimits";
import { audienceText as text } from "../texts/audience";
import { classes } from "../ui/classes";
import forms from "../ui/forms.module.css";
import layout from "../ui/layout.module.css";
import { Card } from "../ui/Page";
import { QueryBoundary } from "../ui/QueryBoundary";
import styles from "./AudienceEditor.module.css";
import { Count } from "./Count";
import { Explain } from "./Explain";
import { RuleBuilder } from "./RuleBuilder";
import { type Selection, wireOf } from "./selection";
import { useFields } from "./useFields";
import { usePreview } from "./usePreview";

interface Props {
  value: Selection;
  channel: Channel;
  onChange: (value: Selection) => void;
}

/** The rules of an audience with what they amount to: how many, who, and why. */
export function AudienceEditor({ value, channel, onChange }: Props) {
  const [asked, setAsked] = useState<CustomerBrief | null>(null);
  const fields = useFields();
  const limits = useLimits();
  const rules = fields.data ? wireOf(value, fields.data) : null;
  const count = usePreview(rules, channel);
  return (
    <QueryBoundary query={fields} failure={text.fieldsFailed}>
      {(known) => (
        <div className={styles.audience}>
          <div className={styles.rules}>
            <Card title={text.rulesTitle}>
              <Everyone value={value} onChange={onChange} />
              {!value.everyone && (
                <RuleBuilder
                  value={value.group}
                  fields={known}
                  limits={limits}
                  onChange={(group) => onChange({ ...value, group })}
                />
              )}
            </Card>
          </div>
          <div className={styles.count}>
            <Count {...count} unfinished={rules === null} channel={channel} onAsk={setAsked} />
          </div>
          <div className={styles.explain}>
            <Explain rules={rules} sample={count.preview?.sample ?? []} chosen={asked} onChoose={setAsked} />
          </div>
        </div>
      )}
    </QueryBoundary>
  );
}

function Everyone({ value, onChange }: Pick<Props, "value" | "onChange">) {
  const id = useId();
  return (
    <div className={classes(forms.check, layout.below4)}>
      <input
        type="checkbox"
        id={id}
        checked={value.everyone}
        onChange={(event) => onChange({ ...value, everyone: event.target.checked })}
      />
      <label htmlFor={id}>{text.everyone}</label>
    </div>
  );
}
