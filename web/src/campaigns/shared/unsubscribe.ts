import type { Channel } from "../../api/types";

/** Chosen like a field, it is where the recipient unsubscribes. */
export const UNSUBSCRIBE = "unsubscribe_url";

interface Written {
  channel: Channel;
  body: string;
}

/** Whether a mail to many has no way out of them. */
export const lacksUnsubscribe = ({ channel, body }: Written): boolean =>
  channel === "email" && body.trim() !== "" && !body.includes(UNSUBSCRIBE);
