import type { Segment } from "../api/types";
import { AudienceView } from "../audience/AudienceView";
import { formatTime } from "../texts/format";
import { segmentsText as text } from "../texts/segments";
import layout from "../ui/layout.module.css";
import { Page } from "../ui/Page";
import { Movements } from "./Movements";
import { Versions } from "./Versions";

/** A segment for those who may not change it. */
export function SegmentView({ stored }: { stored: Segment }) {
  const { id, name, version, updated_by, updated_at } = stored;
  return (
    <Page
      title={name}
      back={{ to: "/segments", label: text.all }}
      lead={text.atVersion(version, updated_by, formatTime(updated_at))}
    >
      <AudienceView
        key={version}
        segmentId={id}
        rules={stored.rules}
        description={stored.description}
        channel="simulator"
      />
      <div className={layout.halves}>
        <Movements segmentId={id} version={version} />
        <Versions stored={stored} />
      </div>
    </Page>
  );
}
