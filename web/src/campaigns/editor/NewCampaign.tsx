import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";

import { readCampaign } from "../../api/campaigns";
import { keys } from "../../api/keys";
import { segmentNamesQuery } from "../../api/segments";
import { useFields } from "../../audience/useFields";
import { useLimits } from "../../session/useLimits";
import { audienceText } from "../../texts/audience";
import { newCampaignText as text } from "../../texts/newCampaign";
import { QueryBoundary } from "../../ui/QueryBoundary";
import { workName } from "../shared/workName";
import { CampaignEditor } from "./CampaignEditor";
import { startOf } from "./work";

/** `?segment=` starts with a segment, `?from=` with a campaign to repeat, `?edit=` changes one not launched yet. */
export default function NewCampaign() {
  const [parameters] = useSearchParams();
  const editing = parameters.get("edit");
  const from = parameters.get("from");
  const segmentId = parameters.get("segment");
  const sourceId = editing ?? from;
  const fields = useFields();
  const segments = useQuery(segmentNamesQuery);
  const limits = useLimits();
  const source = useQuery({
    queryKey: keys.campaigns.one(sourceId),
    queryFn: async ({ signal }) => (sourceId ? readCampaign(sourceId, signal) : null),
  });
  const title = editing ? text.editTitle : text.newTitle;
  const name = workName({ edit: editing, from, segment: segmentId });
  return (
    <QueryBoundary query={fields} failure={audienceText.fieldsFailed} page={title}>
      {(known) => (
        <QueryBoundary query={segments} failure={text.segmentsFailed} page={title}>
          {({ data }) => (
            <QueryBoundary query={source} failure={text.campaignFailed} page={title}>
              {(one) => (
                <CampaignEditor
                  key={name}
                  name={name}
                  title={title}
                  fields={known}
                  segments={data}
                  start={() =>
                    startOf({ one, editing: editing !== null, segmentId, segments: data, fields: known, limits })
                  }
                />
              )}
            </QueryBoundary>
          )}
        </QueryBoundary>
      )}
    </QueryBoundary>
  );
}
