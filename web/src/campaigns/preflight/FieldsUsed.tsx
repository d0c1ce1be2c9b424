import { useQueries } from "@tanstack/react-query";

import { previewQuery } from "../../api/audience";
import type { Channel, Message, WireGroup } from "../../api/types";
import { humanize } from "../../audience/fields";
import { useFields } from "../../audience/useFields";
import { newCampaignText as text } from "../../texts/newCampaign";
import { Card } from "../../ui/Page";
import { TableFrame } from "../../ui/TableFrame";
import tables from "../../ui/tables.module.css";
import { canLack, lackingRules, usesOf } from "./uses";

interface Props {
  message: Message;
  rules: WireGroup;
  channel: Channel;
}

/** Each field of the message, how many of the audience are without it, and what these read in its place. */
export function FieldsUsed({ message, rules, channel }: Props) {
  const known = useFields().data ?? [];
  const uses = usesOf(message);
  const counts = useQueries({
    queries: uses.map(({ rule }) => {
      const asked = canLack(rule, known) ? lackingRules(rules, [rule]) : null;
      return previewQuery(asked && { rules: asked }, channel);
    }),
  });
  return (
    <Card title={text.fieldsCard}>
      {uses.length === 0 ? (
        <p>{text.noFields}</p>
      ) : (
        <TableFrame label={text.fieldsCard}>
          <table className={tables.table}>
            <thead>
              <tr>
                <th scope="col">{text.fieldColumn}</th>
                <th scope="col">{text.lackColumn}</th>
                <th scope="col">{text.insteadColumn}</th>
              </tr>
            </thead>
            <tbody>
              {uses.map(({ field, rule, fallback }, index) => {
                const lacking = canLack(rule, known) ? counts[index]?.data?.matched : 0;
                return (
                  <tr key={field}>
                    <th scope="row">{humanize(field)}</th>
                    <td>{lacking === undefined ? text.counting : lackWords(lacking)}</td>
                    <td>{!lacking ? "–" : fallback === null ? text.nothingInstead : text.instead(fallback)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </TableFrame>
      )}
    </Card>
  );
}

const lackWords = (count: number) => (count === 0 ? text.everybodyHas : text.peopleCount(count));
