import { useEffect, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";

import type { Segment } from "../../api/types";
import type { Field } from "../../audience/fields";
import { usePreview } from "../../audience/usePreview";
import { useLimits } from "../../session/useLimits";
import { useUnsaved } from "../../session/useLocalStorage";
import { campaignsText } from "../../texts/campaigns";
import { newCampaignText as text } from "../../texts/newCampaign";
import { Page } from "../../ui/Page";
import { Problem } from "../../ui/Problem";
import { may } from "../shared/status";
import { useDeleteDraft } from "../shared/useDeleteDraft";
import { AudienceStep } from "./AudienceStep";
import { CheckStep } from "./CheckStep";
import { DraftBar } from "./DraftBar";
import { campaignOf, type Draft, isSame, rulesOf } from "./draft";
import { EditConflictNote } from "./EditConflictNote";
import { EditorSteps } from "./EditorSteps";
import { MessageStep } from "./MessageStep";
import { isStep, STEPS, type Step } from "./step";
import { useWork } from "./useWork";
import { type Work, workOf } from "./work";

interface Props {
  /** Under which the work is kept in this browser. */
  name: string;
  title: string;
  fields: Field[];
  segments: Segment[];
  start: () => Work;
}

/** The editor of a campaign, step by step; the step is in the address. */
export function CampaignEditor({ name, title, fields, segments, start }: Props) {
  const { work, setWork, store, forget, stored, theirs, settle } = useWork(name, start);
  // What was there when the page was opened, and differs from a new beginning, is work that came back.
  const [isRestored, setRestored] = useState(() => !isSame(work.draft, start().draft));
  const [parameters, setParameters] = useSearchParams();
  const navigate = useNavigate();
  const limits = useLimits();
  const { draft, saved } = work;
  const rules = rulesOf(draft, fields, segments);
  const count = usePreview(rules, draft.channel);
  const asked = parameters.get("step");
  const step = rules && isStep(asked) ? asked : "audience";
  const timed = rules && campaignOf(draft, rules, limits);
  // Only the button that schedules stores a time: what is stored with one sends itself.
  const body = rules && campaignOf({ ...draft, scheduleAt: "" }, rules, limits);
  const isKept = saved !== null && [body, timed].some((one) => JSON.stringify(one) === saved.body);
  const shared = {
    draft,
    count,
    isKept,
    change: (part: Partial<Draft>) => setWork((now) => ({ ...now, draft: { ...now.draft, ...part } })),
    go: (next: Step) =>
      setParameters((now) => {
        now.set("step", next);
        return now;
      }),
    keep: () => (body && timed ? store(body, timed) : Promise.reject(new Error(text.needsRules))),
  };
  useUnsaved(name, isKept || isSame(draft, start().draft) ? null : text.called(draft.name.trim()));
  useEffect(() => {
    // Nothing of ours would be lost, so nobody needs to be asked.
    if (theirs && isKept && may(theirs, "change")) settle(workOf(theirs, segments, fields));
  });
  const drop = useDeleteDraft(() => {
    forget();
    void navigate("/campaigns");
  });
  const startOver = () => {
    settle(start());
    setRestored(false);
    shared.go("audience");
  };
  return (
    <Page title={title}>
      {theirs && !(isKept && may(theirs, "change")) && (
        <EditConflictNote
          theirs={theirs}
          onTake={() => settle(workOf(theirs, segments, fields))}
          onKeep={() => settle({ draft, saved: saved && { ...saved, version: theirs.version, body: "" } })}
        />
      )}
      <EditorSteps names={text.steps} current={STEPS.indexOf(step)} />
      <DraftBar
        saved={saved}
        isKept={isKept}
        isRestored={isRestored}
        isReady={body !== null && draft.name.trim() !== "" && draft.body.trim() !== ""}
        keep={shared.keep}
        onStartOver={startOver}
        onDelete={stored && may(stored, "delete") && !drop.isPending ? () => drop.remove(stored) : null}
      />
      {drop.error && <Problem error={drop.error} title={campaignsText.draftNotDeleted} />}
      {step === "audience" && <AudienceStep {...shared} rules={rules} segments={segments} />}
      {step === "message" && rules && <MessageStep {...shared} rules={rules} />}
      {step === "check" && rules && (
        <CheckStep {...shared} rules={rules} schedule={() => store(campaignOf(draft, rules, limits))} onSent={forget} />
      )}
    </Page>
  );
}
