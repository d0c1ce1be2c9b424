import { Link } from "react-router";

import type { CustomerMessage } from "../api/types";
import { ROW_WORDS, reasonWords } from "../texts/campaigns";
import { customersText } from "../texts/customers";
import { formatTime } from "../texts/format";

/** What was sent to a customer, and what became of it. */
export function Messages({ messages }: { messages: readonly CustomerMessage[] }) {
  if (messages.length === 0) return <p className="mb-0 text-body-secondary">{customersText.noMessages}</p>;
  return (
    <ul className="rows">
      {messages.map((message) => (
        <li className="row-item" key={message.message_id}>
          <div>
            <Link to={`/campaigns/${message.campaign_id}`} dir="auto">
              {message.campaign_name ?? customersText.campaign}
            </Link>
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
