import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type FormEvent } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { createSegment, deleteSegment, segment, updateSegment } from "../api/endpoints";
import type { Segment } from "../api/types";
import { AudienceEditor } from "../audience/AudienceEditor";
import { NOBODY_YET, selectionOf, wireOf } from "../audience/selection";
import { useFields } from "../audience/useFields";
import { useMay } from "../session/useSession";
import { Answer } from "../ui/Answer";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";

export default function SegmentPage() {
  const { segmentId } = useParams();
  return segmentId ? <Kept key={segmentId} id={segmentId} /> : <Editor key="new" kept={null} />;
}

function Kept({ id }: { id: string }) {
  const kept = useQuery({ queryKey: ["segments", id], queryFn: ({ signal }) => segment(id, signal) });
  return (
    <Answer query={kept} failure="The segment could not be loaded" page="Segment">
      {/* A version of its own: what somebody else saved meanwhile starts the editor anew. */}
      {(data) => <Editor key={data.version} kept={data} />}
    </Answer>
  );
}

function Editor({ kept }: { kept: Segment | null }) {
  const [name, setName] = useState(kept?.name ?? "");
  const [selection, setSelection] = useState(() => (kept ? selectionOf(kept.rules) : NOBODY_YET));
  const fields = useFields().data;
  const rules = fields ? wireOf(selection, fields) : null;
  const mayWrite = useMay("marketer");
  const nameId = useId();
  const navigate = useNavigate();
  const client = useQueryClient();
  const settle = async (then: string) => {
    await client.invalidateQueries({ queryKey: ["segments"] });
    void navigate(then);
  };
  const save = useMutation({
    mutationFn: (body: Parameters<typeof createSegment>[0]) =>
      kept ? updateSegment(kept.id, { ...body, version: kept.version }) : createSegment(body),
    onSuccess: () => settle("/segments"),
  });
  const drop = useMutation({
    mutationFn: (id: string) => deleteSegment(id),
    onSuccess: () => settle("/segments"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (rules) save.mutate({ name: name.trim(), rules });
  };
  const useIt = kept && mayWrite && (
    <Link className="btn btn-outline-primary" to={`/campaigns/new?segment=${kept.id}`}>
      New campaign to this segment
    </Link>
  );
  return (
    <Page title={kept ? kept.name : "New segment"} actions={useIt}>
      <form id={`${nameId}form`} onSubmit={submit} className="mb-4">
        <label className="form-label" htmlFor={nameId}>
          Name
        </label>
        <input
          id={nameId}
          className="form-control name-input"
          required
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </form>
      <AudienceEditor value={selection} channel="simulator" onChange={setSelection} />
      {Boolean(save.error ?? drop.error) && (
        <Problem error={save.error ?? drop.error} title="The segment was not changed" />
      )}
      {mayWrite && (
        <div className="page-actions">
          <button
            type="submit"
            form={`${nameId}form`}
            className="btn btn-primary"
            disabled={!rules || !name.trim() || save.isPending}
          >
            Save segment
          </button>
          {kept && (
            <button
              type="button"
              className="btn btn-outline-danger"
              disabled={drop.isPending}
              onClick={() => window.confirm(`Delete the segment ${kept.name}?`) && drop.mutate(kept.id)}
            >
              Delete
            </button>
          )}
        </div>
      )}
    </Page>
  );
}
