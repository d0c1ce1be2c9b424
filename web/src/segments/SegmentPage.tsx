import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";

import { segmentQuery } from "../api/segments";
import { useCan } from "../session/useSession";
import { segmentsText as text } from "../texts/segments";
import { QueryBoundary } from "../ui/QueryBoundary";
import { Editor } from "./Editor";
import { SegmentView } from "./SegmentView";

export default function SegmentPage() {
  const { segmentId } = useParams();
  return segmentId ? <Kept key={segmentId} id={segmentId} /> : <Editor key="new" stored={null} />;
}

function Kept({ id }: { id: string }) {
  const mayChange = useCan("PUT /api/v1/segments/{id}");
  const stored = useQuery({
    ...segmentQuery(id),
    // A change by another tab or person is shown before this one is saved.
    refetchOnWindowFocus: true,
    refetchInterval: 15_000,
  });
  return (
    <QueryBoundary query={stored} failure={text.oneFailed} page={text.one} back={{ to: "/segments", label: text.all }}>
      {(data) => (mayChange ? <Editor stored={data} /> : <SegmentView stored={data} />)}
    </QueryBoundary>
  );
}
