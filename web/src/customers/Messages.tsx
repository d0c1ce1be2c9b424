import { Link } from "react-router";

import type { CustomerMessage } from "../api/types";
import { ROW_WORDS, reasonWords } from "../texts/campaigns";
import { customersText } from "../texts/customers";
import { formatTime } from "../texts/format";
import { classes } from "../ui/classes";
import lists from "../ui/lists.module.css";
import typography from "../ui/typography.module.css";

/** What was sent to a customer, and what became of it. */
export function Messages({ messages }: { messages: readonly CustomerMessage[] }) {
  if (messages.length === 0) return <p className={typography.quiet}>{customersText.noMessages}</p>;
  return (
    <ul className={lists.rows}>
      {messages.map((message) => (
        <li className={lists.row} key={message.message_id}>
          <div>
            <Link to={`/campaigns/${message.campaign_id}`} dir="auto">
              {message.campaign_name ?? customersText.campaign}
            </Link>
            <p>
              {ROW_WORDS[message.status]}
              {message.reason && `: ${reasonWords(message.reason)}`}
            </p>
          </div>
          <span className={classes(typography.small, typography.quiet)}>{formatTime(message.updated_at)}</span>
        </li>
      ))}
    </ul>
  );
}
