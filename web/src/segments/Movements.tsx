import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";

import { keys } from "../api/keys";
import { segmentSnapshotsQuery, takeSnapshot } from "../api/segments";
import type { SegmentSnapshot } from "../api/types";
import { useCan } from "../session/useSession";
import { formatTime } from "../texts/format";
import { segmentsText as text } from "../texts/segments";
import { button } from "../ui/button";
import { classes } from "../ui/classes";
import forms from "../ui/forms.module.css";
import layout from "../ui/layout.module.css";
import { notify } from "../ui/notify";
import { Card, Skeleton } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { QueryBoundary } from "../ui/QueryBoundary";
import typography from "../ui/typography.module.css";
import { Changes } from "./Changes";

/** The snapshots of its members, and who joined and left between two of them. */
export function Movements({ segmentId, version }: { segmentId: string; version: number }) {
  const client = useQueryClient();
  const mayTake = useCan("POST /api/v1/segments/{id}/snapshots");
  const points = useQuery(segmentSnapshotsQuery(segmentId));
  const write = useMutation({
    mutationFn: () => takeSnapshot(segmentId),
    onSuccess: ({ matched }) => {
      notify({ text: text.writtenDown(matched) });
      return client.invalidateQueries({ queryKey: keys.segments.snapshots(segmentId) });
    },
  });
  const takePoint = mayTake && (
    <button
      type="button"
      className={button("neutral", "small")}
      disabled={write.isPending}
      onClick={() => write.mutate()}
    >
      {write.isPending ? text.writingDown : text.writeDown}
    </button>
  );
  return (
    <Card title={text.movement} lead={text.movementLead} actions={takePoint}>
      {write.error && <Problem error={write.error} title={text.notWrittenDown} />}
      <QueryBoundary query={points} failure={text.pointsFailed} skeleton={<Skeleton lines={3} />}>
        {({ data }) =>
          data.length === 0 ? (
            <p className={typography.quiet}>{text.noPoints}</p>
          ) : (
            <Between segmentId={segmentId} version={version} points={data} />
          )
        }
      </QueryBoundary>
    </Card>
  );
}

const NOW = "now";

function Between({ segmentId, version, points }: { segmentId: string; version: number; points: SegmentSnapshot[] }) {
  const [from, setFrom] = useState(points[0]?.id ?? "");
  const [to, setTo] = useState(NOW);
  const id = useId();
  const options = points.map((point) => (
    <option key={point.id} value={point.id}>
      {text.point(point.kind, formatTime(point.at), point.matched)}
    </option>
  ));
  return (
    <>
      <div className={classes(forms.line, forms.wide, layout.below4)}>
        <div>
          <label className={forms.label} htmlFor={`${id}from`}>
            {text.since2}
          </label>
          <select id={`${id}from`} value={from} onChange={(event) => setFrom(event.target.value)}>
            {options}
          </select>
        </div>
        <div>
          <label className={forms.label} htmlFor={`${id}to`}>
            {text.until}
          </label>
          <select id={`${id}to`} value={to} onChange={(event) => setTo(event.target.value)}>
            <option value={NOW}>{text.now}</option>
            {options}
          </select>
        </div>
      </div>
      <Changes key={`${from} ${to} ${version}`} segmentId={segmentId} from={from} to={to} version={version} />
    </>
  );
}
