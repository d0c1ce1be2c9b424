import { useMutation, useQueryClient } from "@tanstack/react-query";

import { suppressCustomer } from "../api/customers";
import { keys } from "../api/keys";
import type { Channel, Customer } from "../api/types";
import { useCan } from "../session/useSession";
import { CHANNEL_NAMES } from "../texts/audience";
import { customersText } from "../texts/customers";
import { ask } from "../ui/ask";
import { button } from "../ui/button";
import { classes } from "../ui/classes";
import lists from "../ui/lists.module.css";
import { Card } from "../ui/Page";
import { Problem } from "../ui/Problem";
import typography from "../ui/typography.module.css";

const { doNotSend: words } = customersText;
const CHANNELS = Object.keys(CHANNEL_NAMES) as Channel[];

/** On which channels the customer gets nothing, and why; members put them there and take them off. */
export function DoNotSend({ one }: { one: Customer }) {
  const mayChange = useCan("PUT /api/v1/customers/{key}/suppressions");
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: ({ channel, suppressed }: { channel: Channel; suppressed: boolean }) =>
      suppressCustomer(one.key, channel, suppressed),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.customers.one(one.key) }),
  });
  const allow = async (channel: Channel) => {
    const name = one.name ?? customersText.nameless(one.customer_id);
    const title = words.askTitle(name, CHANNEL_NAMES[channel]);
    if (await ask({ title, text: words.askText, action: words.allow, danger: true }))
      change.mutate({ channel, suppressed: false });
  };
  return (
    <Card title={words.title} lead={words.lead}>
      <ul className={lists.rows} aria-label={words.title}>
        {CHANNELS.map((channel) => {
          const why = one.suppressions?.[channel];
          const name = CHANNEL_NAMES[channel];
          return (
            <li className={classes(lists.row, lists.middle)} key={channel}>
              <div>
                <span className={typography.strong}>{name}</span>
                <div className={typography.quiet}>{why ? (words.causes[why] ?? why) : words.allowed}</div>
              </div>
              {mayChange && (
                <button
                  type="button"
                  className={button("neutral", "small")}
                  aria-label={why ? words.allowOn(name) : words.suppressOn(name)}
                  disabled={change.isPending}
                  onClick={() => (why ? void allow(channel) : change.mutate({ channel, suppressed: true }))}
                >
                  {why ? words.allow : words.suppress}
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {change.error && <Problem error={change.error} title={words.failed} />}
    </Card>
  );
}
