import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useId, useState } from "react";
import { Link, useNavigate } from "react-router";

import { ApiError } from "../api/http";
import { keys } from "../api/keys";
import { createSegment, deleteSegment, readSegment, updateSegment } from "../api/segments";
import type { Segment, SegmentVersion } from "../api/types";
import { AudienceEditor } from "../audience/AudienceEditor";
import { selectionOf, wireOf } from "../audience/selection";
import { useFields } from "../audience/useFields";
import { useLimits } from "../session/useLimits";
import { useLocalStorage, useUnsaved } from "../session/useLocalStorage";
import { formatTime } from "../texts/format";
import { segmentsText as text } from "../texts/segments";
import { ask } from "../ui/ask";
import { button } from "../ui/button";
import { classes } from "../ui/classes";
import forms from "../ui/forms.module.css";
import layout from "../ui/layout.module.css";
import { notify } from "../ui/notify";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import typography from "../ui/typography.module.css";
import { EditConflictNote } from "./EditConflictNote";
import { Movements } from "./Movements";
import { Versions } from "./Versions";
import { type Edited, isChanged, resumed, type Work, workOn } from "./work";

/** A segment's definition, edited; kept in this browser until it is saved. `stored` is null for a new one. */
export function Editor({ stored }: { stored: Segment | null }) {
  const keptAs = `segment ${stored?.id ?? "new"}`;
  const [work, setWork, forget] = useLocalStorage<Work>(keptAs, () => workOn(stored));
  const changed = isChanged(work);
  useUnsaved(keptAs, changed ? text.called(work.edited.name.trim()) : null);
  const [isRestored] = useState(changed);
  const { edited } = work;
  const fields = useFields().data;
  const rules = fields ? wireOf(edited.selection, fields) : null;
  const limits = useLimits();
  const id = useId();
  const navigate = useNavigate();
  const client = useQueryClient();
  useEffect(() => setWork((now) => resumed(now, stored)), [setWork, stored]);
  const change = (part: Partial<Edited>) => setWork((now) => ({ ...now, edited: { ...now.edited, ...part } }));
  // Of a name that grows too long the end is kept, which says that it is a copy.
  const copyName = text.copyOf(edited.name.trim()).slice(limits ? -limits.segment_name : 0);
  const hasConflict = stored !== null && changed && stored.version > work.version;

  const settle = async (saved: Segment) => {
    client.setQueryData(keys.segments.one(saved.id), saved);
    setWork(workOn(saved));
    notify({ text: text.saved });
    await client.invalidateQueries({ queryKey: keys.segments.all });
    if (saved.id === stored?.id) return;
    forget();
    void navigate(`/segments/${saved.id}`);
  };
  const save = useMutation({
    mutationFn: ({ name, copy }: { name: string; copy?: boolean }) => {
      if (!rules) throw new Error(text.notSaved);
      if (!stored || copy) return createSegment({ name, rules });
      return updateSegment(stored.id, { name, rules, version: work.version });
    },
    onSuccess: settle,
    onError: async (error) => {
      // What is stored by now has to be seen before anybody decides.
      if (stored && isConflict(error)) client.setQueryData(keys.segments.one(stored.id), await readSegment(stored.id));
    },
  });
  const drop = useMutation({
    mutationFn: (one: Segment) => deleteSegment(one.id),
    onSuccess: async (_, { name }) => {
      forget();
      notify({ text: text.removed(name) });
      void navigate("/segments");
      await client.invalidateQueries({ queryKey: keys.segments.lists });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (rules) save.mutate({ name: edited.name.trim() });
  };
  const discard = async () => {
    const agreed = await ask({
      title: text.discardTitle,
      text: stored ? text.discardText(stored.version) : text.discardNew,
      action: text.discard,
      danger: true,
    });
    if (agreed) setWork(workOn(stored));
  };
  const remove = async (one: Segment) => {
    const title = text.removeTitle(one.name);
    if (await ask({ title, text: text.removeText, action: text.removeAction, danger: true })) drop.mutate(one);
  };
  const restore = ({ version, name, rules: older }: SegmentVersion) => {
    change({ name, selection: selectionOf(older) });
    notify({ text: text.restoreNotice(version) });
    window.scrollTo({ top: 0 });
  };
  return (
    <Page
      title={stored ? stored.name : text.newTitle}
      back={{ to: "/segments", label: text.all }}
      actions={
        stored && (
          <Link className={button("accent")} to={`/campaigns/new?segment=${stored.id}`}>
            {text.write}
          </Link>
        )
      }
    >
      {hasConflict && (
        <EditConflictNote
          theirs={stored}
          onTake={() => setWork(workOn(stored))}
          onKeep={() => setWork({ ...work, version: stored.version })}
          onCopy={() => save.mutate({ name: copyName, copy: true })}
        />
      )}
      <form id={`${id}form`} onSubmit={submit} className={layout.below5}>
        <label className={forms.label} htmlFor={`${id}name`}>
          {text.name}
        </label>
        <input
          id={`${id}name`}
          className={forms.medium}
          dir="auto"
          required
          maxLength={limits?.segment_name}
          value={edited.name}
          onChange={(event) => change({ name: event.target.value })}
        />
        <p className={classes(typography.note, layout.above2)} data-testid="segment-state">
          {changed && isRestored && <strong>{text.restored} </strong>}
          {changed || !stored
            ? text.unsaved
            : text.atVersion(stored.version, stored.updated_by, formatTime(stored.updated_at))}
        </p>
      </form>
      <AudienceEditor value={edited.selection} channel="simulator" onChange={(selection) => change({ selection })} />
      {save.error && !(isConflict(save.error) && hasConflict) && <Problem error={save.error} title={text.notSaved} />}
      {drop.error && <Problem error={drop.error} title={text.notRemoved} />}
      <div className={classes(layout.actions, layout.below5)}>
        <button
          type="submit"
          form={`${id}form`}
          className={button("primary")}
          disabled={!rules || !edited.name.trim() || save.isPending || hasConflict || (stored !== null && !changed)}
        >
          {save.isPending ? text.saving : text.save}
        </button>
        {changed && (
          <button type="button" className={button("neutral")} onClick={() => void discard()}>
            {text.discard}
          </button>
        )}
        {stored && (
          <button
            type="button"
            className={button("careful")}
            disabled={drop.isPending}
            onClick={() => void remove(stored)}
          >
            {text.remove}
          </button>
        )}
      </div>
      {stored && (
        <div className={layout.halves}>
          <Movements segmentId={stored.id} version={stored.version} />
          <Versions stored={stored} onRestore={restore} />
        </div>
      )}
    </Page>
  );
}

const isConflict = (error: unknown) => error instanceof ApiError && error.status === 409;
