import "./campaigns.css";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";

import { campaign, listSegments } from "../api/endpoints";
import type { Campaign, Segment } from "../api/types";
import type { Field } from "../audience/fields";
import { useFields } from "../audience/useFields";
import { usePreview } from "../audience/usePreview";
import { Answer } from "../ui/Answer";
import { Page } from "../ui/Page";
import { AudienceStep } from "./AudienceStep";
import { NEW_DRAFT, copyOf, draftOf, rulesOf, type Draft } from "./draft";
import { MessageStep } from "./MessageStep";
import { ReviewStep } from "./ReviewStep";
import { Steps } from "./Steps";

/** `?segment=` starts with a segment, `?from=` with a campaign to repeat, `?edit=` changes one not launched yet. */
export default function NewCampaign() {
  const [parameters] = useSearchParams();
  const editing = parameters.get("edit");
  const sourceId = editing ?? parameters.get("from");
  const fields = useFields();
  const segments = useQuery({ queryKey: ["segments"], queryFn: ({ signal }) => listSegments(signal) });
  const source = useQuery({
    queryKey: ["campaigns", "one", sourceId],
    queryFn: async ({ signal }) => (sourceId ? campaign(sourceId, signal) : null),
  });
  return (
    <Page title={editing ? "Edit campaign" : "New campaign"}>
      <Answer query={fields} failure="The fields for rules could not be loaded">
        {(known) => (
          <Answer query={segments} failure="The segments could not be loaded">
            {({ data }) => (
              <Answer query={source} failure="The campaign could not be loaded">
                {(one) => (
                  <Making
                    key={sourceId}
                    fields={known}
                    segments={data}
                    editing={editing}
                    start={startOf(one, editing !== null, parameters.get("segment"), data)}
                  />
                )}
              </Answer>
            )}
          </Answer>
        )}
      </Answer>
    </Page>
  );
}

function startOf(source: Campaign | null, editing: boolean, segmentId: string | null, segments: Segment[]): Draft {
  if (source) return editing ? draftOf(source) : copyOf(source);
  return { ...NEW_DRAFT, segmentId: segments.some((one) => one.id === segmentId) ? segmentId : null };
}

interface MakingProps {
  fields: Field[];
  segments: Segment[];
  start: Draft;
  /** The campaign that is changed; null for a new one. */
  editing: string | null;
}

function Making({ fields, segments, start, editing }: MakingProps) {
  const [draft, setDraft] = useState(start);
  const [step, setStep] = useState(0);
  const rules = rulesOf(draft, fields, segments);
  const count = usePreview(rules, draft.channel);
  const shared = { draft, count, go: setStep, change: (part: Partial<Draft>) => setDraft({ ...draft, ...part }) };
  return (
    <>
      <Steps names={["Audience", "Message", "Review and send"]} current={step} />
      {step === 0 && <AudienceStep {...shared} rules={rules} segments={segments} />}
      {step === 1 && rules && <MessageStep {...shared} rules={rules} fields={fields} />}
      {step === 2 && rules && <ReviewStep {...shared} rules={rules} editing={editing} />}
    </>
  );
}
