import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";

import { customer } from "../api/endpoints";
import type { AttributeValue, Customer, CustomerDetail, CustomerMessage, Order } from "../api/types";
import { humanize } from "../audience/fields";
import { ROW_WORDS, reasonWords } from "../campaigns/words";
import { Answer } from "../ui/Answer";
import { formatAmount, formatCount, formatDate, formatTime } from "../ui/format";
import { Card, Page } from "../ui/Page";

export default function CustomerPage() {
  const { customerId = "" } = useParams();
  const detail = useQuery({
    queryKey: ["customers", "one", customerId],
    queryFn: ({ signal }) => customer(customerId, signal),
  });
  return (
    <Answer query={detail} failure="The customer could not be loaded" page="Customer">
      {(data) => <Known detail={data} />}
    </Answer>
  );
}

function Known({ detail: { customer: one, orders, messages } }: { detail: CustomerDetail }) {
  return (
    <Page title={one.name ?? one.customer_id} lead={<Link to="/customers">All customers</Link>}>
      <dl className="tiles mb-4">
        <Tile name="Spent" value={formatAmount(one.total_spend ?? 0)} />
        <Tile name="Orders" value={formatCount(one.order_count ?? 0)} />
        <Tile name="Last order" value={formatDate(one.last_order_at)} />
        <Tile name="Visits" value={one.visits == null ? "–" : formatCount(one.visits)} />
      </dl>
      <div className="halves">
        <Profile one={one} />
        <div>
          <Card title="Orders">
            <Orders orders={orders} />
          </Card>
          <Card title="Messages">
            <Messages messages={messages} />
          </Card>
        </div>
      </div>
    </Page>
  );
}

function Tile({ name, value }: { name: string; value: string }) {
  return (
    <div className="tile">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Profile({ one }: { one: Customer }) {
  const facts: [string, string | null | undefined][] = [
    ["Id", one.customer_id],
    ["E-mail", one.email],
    ["Phone", one.phone],
    ["City", one.city],
    ["Country", one.country],
    ["Birthday", one.birthday && formatDate(one.birthday)],
    ["Customer since", one.created_at && formatDate(one.created_at)],
    ["Last active", one.last_active_at && formatTime(one.last_active_at)],
    ["Tags", one.tags?.join(", ")],
    ["Consent", consentWords(one)],
    [
      "Do not send",
      Object.entries(one.suppressions ?? {})
        .map(([channel, why]) => `${channel}: ${reasonWords(why)}`)
        .join(", "),
    ],
    ...Object.entries(one.attributes ?? {}).map(([name, value]): [string, string] => [
      humanize(name),
      attributeWords(value),
    ]),
  ];
  return (
    <Card title="Profile">
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div className="fact" key={name}>
            <dt>{name}</dt>
            <dd>{value || "–"}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function attributeWords(value: AttributeValue): string {
  return typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
}

function consentWords({ consent = true, consents = {} }: Customer): string {
  const apart = Object.entries(consents).map(([channel, given]) => `${channel} ${given ? "given" : "refused"}`);
  return [consent ? "Given" : "Refused", ...apart].join(", ");
}

function Orders({ orders }: { orders: Order[] }) {
  if (orders.length === 0) return <p className="mb-0 text-body-secondary">No orders yet.</p>;
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label="Orders">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Placed</th>
            <th scope="col">Category</th>
            <th scope="col">Status</th>
            <th scope="col" className="number">
              Amount
            </th>
          </tr>
        </thead>
        <tbody>
          {orders.map((order) => (
            <tr key={order.order_id}>
              <td className="text-nowrap">{formatDate(order.placed_at)}</td>
              <td>{order.category ?? "–"}</td>
              <td>{order.status}</td>
              <td className="number">
                {formatAmount(order.amount)} {order.currency}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Messages({ messages }: { messages: CustomerMessage[] }) {
  if (messages.length === 0) return <p className="mb-0 text-body-secondary">No messages yet.</p>;
  return (
    <ul className="rows">
      {messages.map((message) => (
        <li className="row-item" key={message.message_id}>
          <div>
            <Link to={`/campaigns/${message.campaign_id}`}>{message.campaign_name ?? "Campaign"}</Link>
            <p className="mb-0">
              {ROW_WORDS[message.status]}
              {message.reason && `: ${reasonWords(message.reason)}`}
            </p>
          </div>
          <span className="small text-body-secondary">{formatTime(message.updated_at)}</span>
        </li>
      ))}
    </ul>
  );
}
