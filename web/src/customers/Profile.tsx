import type { Channel, Customer } from "../api/types";
import { humanize } from "../audience/fields";
import { CHANNEL_NAMES } from "../texts/audience";
import { customersText } from "../texts/customers";
import { formatDate, formatDay, formatTime } from "../texts/format";
import details from "../ui/details.module.css";
import { Card } from "../ui/Page";

/** Everything that is known of a customer. */
export function Profile({ one }: { one: Customer }) {
  const { facts } = customersText;
  const known: [string, string | null | undefined][] = [
    [facts.id, one.customer_id],
    [facts.email, one.email],
    [facts.phone, one.phone],
    [facts.city, one.city],
    [facts.country, one.country],
    [facts.birthday, one.birthday && formatDay(one.birthday)],
    [facts.since, one.created_at && formatDate(one.created_at)],
    [facts.active, one.last_active_at && formatTime(one.last_active_at)],
    [facts.tags, one.tags?.join(", ")],
    [facts.consent, consentWords(one)],
    ...Object.entries(one.attributes ?? {}).map(([name, value]): [string, string] => [
      humanize(name),
      attributeWords(value),
    ]),
  ];
  return (
    <Card title={customersText.profile}>
      <dl>
        {known.map(([name, value]) => (
          <div className={details.detail} key={name}>
            <dt>{name}</dt>
            <dd dir="auto">{value || "–"}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function attributeWords(value: unknown): string {
  return typeof value === "boolean" ? (value ? customersText.yes : customersText.no) : String(value);
}

function consentWords({ consent = true, consents = {} }: Customer): string {
  const words = customersText.consent;
  const apart = Object.entries(consents).map(([channel, given]) =>
    words.byChannel(CHANNEL_NAMES[channel as Channel], given),
  );
  return [consent ? words.given : words.refused, ...apart].join(", ");
}
