import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { previewQuery } from "../../api/audience";
import type { Channel, CustomerBrief, Message, WireGroup } from "../../api/types";
import { useFields } from "../../audience/useFields";
import { useCan } from "../../session/useSession";
import { canLack, lackingRules, usesOf } from "./uses";

export interface Shown {
  people: CustomerBrief[];
  /** How many of the audience lack a field that the message shows; null where nobody can. */
  lacking: number | null;
  /** One of them, who is among `people`. */
  lackingKey: string | null;
}

/** Some people of the audience to show a message for, with one among them who lacks a field of it, if any. */
export function usePeople(message: Message, rules: WireGroup, channel: Channel, sample: CustomerBrief[]): Shown {
  const known = useFields().data ?? [];
  const fields = usesOf(message).map((use) => use.rule);
  const mayList = useCan("POST /api/v1/customers/search");
  const asked = mayList
    ? lackingRules(
        rules,
        fields.filter((field) => canLack(field, known)),
      )
    : null;
  const found = useQuery({
    ...previewQuery(asked && { rules: asked }, channel),
    placeholderData: keepPreviousData,
  });
  if (!asked || !found.data) return { people: sample, lacking: null, lackingKey: null };
  const [one] = found.data.sample;
  const isThere = sample.some((person) => person.key === one?.key);
  return {
    people: one && !isThere ? [...sample, one] : sample,
    lacking: found.data.matched,
    lackingKey: one?.key ?? null,
  };
}
