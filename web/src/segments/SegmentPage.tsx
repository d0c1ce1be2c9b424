import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";

import { segmentQuery } from "../api/segments";
import { segmentsText as text } from "../texts/segments";
import { QueryBoundary } from "../ui/QueryBoundary";
import { Editor } from "./Editor";

export default function SegmentPage() {
  const { segmentId } = useParams();
  return segmentId ? <Kept key={segmentId} id={segmentId} /> : <Editor key="new" stored={null} />;
}

function Kept({ id }: { id: string }) {
  const stored = useQuery({
    ...segmentQuery(id),
    // A change by another tab or person is shown before this one is saved.
    refetchOnWindowFocus: true,
    refetchInterval: 15_000,
  });
  return (
    <QueryBoundary query={stored} failure={text.oneFailed} page={text.one} back={{ to: "/segments", label: text.all }}>
      {(data) => <Editor stored={data} />}
    </QueryBoundary>
  );
}
