import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";

import { campaignQuery, createCampaign, readCampaign, updateCampaign } from "../../api/campaigns";
import { ApiError } from "../../api/http";
import { keys } from "../../api/keys";
import type { Campaign, NewCampaign } from "../../api/types";
import { useLocalStorage } from "../../session/useLocalStorage";
import { EditConflict } from "../shared/EditConflict";
import type { Saved, Work } from "./work";

/**
 * A campaign that is being made: kept in this browser with every change, and on the server when asked.
 *
 * `store` writes it if neither it nor `orElse` is what is written, and gives its id; two concurrent calls write once.
 * It throws EditConflict rather than replace what somebody else stored meanwhile. `theirs` is that, as soon as it is known.
 */
export function useWork(name: string, start: () => Work) {
  const [work, setWork, forget] = useLocalStorage<Work>(name, start);
  const [theirs, setTheirs] = useState<Campaign | null>(null);
  const client = useQueryClient();
  const running = useRef<Promise<string> | null>(null);
  const watched = useQuery({
    ...campaignQuery(work.saved?.id ?? ""),
    enabled: work.saved !== null,
    refetchOnWindowFocus: true,
    refetchInterval: 15_000,
  });
  // A deleted campaign is stored as a new one.
  const saved = isGone(watched.error) ? null : work.saved;
  const stored = saved && watched.data;
  const conflicting = theirs ?? (stored && saved && stored.version > saved.version ? stored : null);

  const write = async (body: NewCampaign, orElse: NewCampaign): Promise<string> => {
    const text = JSON.stringify(body);
    const ours = saved && (await isStillOurs(saved)) ? saved : null;
    if (ours && [text, JSON.stringify(orElse)].includes(ours.body)) return ours.id;
    const made = await (ours ? updateCampaign(ours.id, { ...body, version: ours.version }) : createCampaign(body));
    client.setQueryData(keys.campaigns.one(made.id), made);
    setWork((now) => ({
      ...now,
      saved: { id: made.id, version: made.version, body: text, at: new Date().toISOString() },
    }));
    return made.id;
  };
  /** False for what was deleted meanwhile. */
  const isStillOurs = async ({ id, version }: Saved): Promise<boolean> => {
    const now = await readCampaign(id).catch((error: unknown) => {
      if (isGone(error)) return null;
      throw error;
    });
    if (now === null || now.version === version) return now !== null;
    setTheirs(now);
    throw new EditConflict();
  };
  const store = (body: NewCampaign, orElse: NewCampaign = body): Promise<string> => {
    running.current ??= write(body, orElse)
      .catch(async (error: unknown) => {
        if (!(error instanceof ApiError && error.status === 409 && saved)) throw error;
        setTheirs(await readCampaign(saved.id));
        throw new EditConflict();
      })
      .finally(() => (running.current = null));
    return running.current;
  };
  const settle = (next: Work) => {
    setTheirs(null);
    setWork(next);
  };
  return { work: { ...work, saved }, setWork, store, forget, stored, theirs: conflicting, settle };
}

const isGone = (error: unknown) => error instanceof ApiError && error.status === 404;
