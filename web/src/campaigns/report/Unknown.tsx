import { useMutation, useQueryClient } from "@tanstack/react-query";

import { resolveUnknown } from "../../api/campaigns";
import { keys } from "../../api/keys";
import { thenRead } from "../../api/thenRead";
import type { Campaign, Resolution } from "../../api/types";
import { campaignsText as text } from "../../texts/campaigns";
import { ask } from "../../ui/ask";
import { Callout } from "../../ui/Badge";
import { button } from "../../ui/button";
import layout from "../../ui/layout.module.css";
import { Problem } from "../../ui/Problem";
import { may } from "../shared/status";

/** Messages whose outcome is unknown, with the two ways to resolve them and what each does. */
export function Unknown({ one }: { one: Campaign }) {
  const count = one.stats.unknown;
  const client = useQueryClient();
  const resolve = useMutation({
    mutationFn: (resolution: Resolution) => resolveUnknown(one.id, resolution),
    onSettled: thenRead(() => client.invalidateQueries({ queryKey: keys.campaigns.all })),
  });
  if (count === 0) return null;
  const markAsSent = async () => {
    const agreed = await ask({ title: text.markTitle(count), text: text.markText, action: text.mark });
    if (agreed) resolve.mutate("mark_as_sent");
  };
  const sendAgain = async () => {
    const title = text.againTitle(count);
    const agreed = await ask({ title, text: text.againText, action: text.againAction(count), danger: true });
    if (agreed) resolve.mutate("send_again");
  };
  const busy = resolve.isPending || one.resolution !== null;
  const [mayMark, maySend] = [may(one, "mark_as_sent"), may(one, "send_again")];
  return (
    <Callout tone="warn" title={text.unknownTitle(count)}>
      <p>{text.unknownText}</p>
      {(mayMark || maySend) && (
        <div className={layout.actions}>
          {mayMark && (
            <button
              type="button"
              className={button("accent", "small")}
              disabled={busy}
              onClick={() => void markAsSent()}
            >
              {text.mark}
            </button>
          )}
          {maySend && (
            <button
              type="button"
              className={button("careful", "small")}
              disabled={busy}
              onClick={() => void sendAgain()}
            >
              {text.again}
            </button>
          )}
        </div>
      )}
      {resolve.error && <Problem error={resolve.error} title={text.resolveFailed} />}
    </Callout>
  );
}
