import { useMutation, useQueryClient } from "@tanstack/react-query";

import { resolveUnknown } from "../../api/campaigns";
import { keys } from "../../api/keys";
import type { Campaign, Resolution } from "../../api/types";
import { campaignsText as text } from "../../texts/campaigns";
import { ask } from "../../ui/ask";
import { Callout } from "../../ui/Badge";
import { button } from "../../ui/button";
import layout from "../../ui/layout.module.css";
import { Problem } from "../../ui/Problem";
import { may } from "../shared/status";

/** Messages of which nobody can know whether they went: what they are, and the two ways out with what each does. */
export function Unknown({ one }: { one: Campaign }) {
  const count = one.stats.unknown;
  const client = useQueryClient();
  const resolve = useMutation({
    mutationFn: (as: Resolution) => resolveUnknown(one.id, as),
    onSettled: () => client.invalidateQueries({ queryKey: keys.campaigns.all }),
  });
  if (count === 0) return null;
  const asSent = async () => {
    const agreed = await ask({ title: text.asSentTitle(count), text: text.asSentText, action: text.asSent });
    if (agreed) resolve.mutate("sent");
  };
  const again = async () => {
    const title = text.againTitle(count);
    const agreed = await ask({ title, text: text.againText, action: text.againAction(count), danger: true });
    if (agreed) resolve.mutate("send_again");
  };
  const busy = resolve.isPending || one.resolution !== null;
  const [maySettle, mayRepeat] = [may(one, "take_as_sent"), may(one, "send_again")];
  return (
    <Callout tone="warn" title={text.unknownTitle(count)}>
      <p>{text.unknownText}</p>
      {(maySettle || mayRepeat) && (
        <div className={layout.actions}>
          {maySettle && (
            <button type="button" className={button("accent", "small")} disabled={busy} onClick={() => void asSent()}>
              {text.asSent}
            </button>
          )}
          {mayRepeat && (
            <button type="button" className={button("careful", "small")} disabled={busy} onClick={() => void again()}>
              {text.again}
            </button>
          )}
        </div>
      )}
      {resolve.error && <Problem error={resolve.error} title={text.resolveFailed} />}
    </Callout>
  );
}
