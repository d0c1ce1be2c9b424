import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { segmentVersionsQuery } from "../api/segments";
import type { Segment, SegmentVersion } from "../api/types";
import { capitalized, formatTime } from "../texts/format";
import { segmentsText as text } from "../texts/segments";
import { Badge } from "../ui/Badge";
import { button } from "../ui/button";
import lists from "../ui/lists.module.css";
import { Card, Skeleton } from "../ui/Page";
import { Pager } from "../ui/Pager";
import { QueryBoundary } from "../ui/QueryBoundary";
import typography from "../ui/typography.module.css";
import { useCursor } from "../ui/useCursor";

interface Props {
  stored: Segment;
  /** Puts an older definition into the editor, where there is one; nothing is saved by that. */
  onRestore?: (version: SegmentVersion) => void;
}

/** Every definition that the segment has had, the newest first. */
export function Versions({ stored, onRestore }: Props) {
  const cursor = useCursor();
  const versions = useQuery({
    ...segmentVersionsQuery(stored, cursor.cursor),
    placeholderData: keepPreviousData,
  });
  return (
    <Card title={text.versions} lead={text.versionsLead}>
      <QueryBoundary query={versions} failure={text.versionsFailed} skeleton={<Skeleton lines={3} />}>
        {({ data, next_cursor }) => (
          <>
            <ol className={lists.rows} aria-label={text.versions}>
              {data.map((one) => (
                <li key={one.version} className={lists.row}>
                  <div>
                    <p className={typography.strong}>
                      {text.version(one.version)}{" "}
                      {one.version === stored.version && <Badge tone="quiet">{text.current}</Badge>}
                    </p>
                    <p dir="auto">
                      {one.name}: {capitalized(one.description)}
                    </p>
                    <p className={typography.note}>{text.changedBy(one.changed_by, formatTime(one.changed_at))}</p>
                  </div>
                  {onRestore && one.version !== stored.version && (
                    <button
                      type="button"
                      className={button("neutral", "small")}
                      aria-label={text.restoreOf(one.version)}
                      onClick={() => onRestore(one)}
                    >
                      {text.restore}
                    </button>
                  )}
                </li>
              ))}
            </ol>
            <Pager cursor={cursor} next={next_cursor} isOld={versions.isPlaceholderData} of={text.versionsOf} />
          </>
        )}
      </QueryBoundary>
    </Card>
  );
}
