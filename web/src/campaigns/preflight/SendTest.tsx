import { useMutation } from "@tanstack/react-query";

import { sendTest } from "../../api/campaigns";
import type { CustomerBrief } from "../../api/types";
import { useCan, useSession } from "../../session/useSession";
import { newCampaignText as text } from "../../texts/newCampaign";
import { button } from "../../ui/button";
import { Problem } from "../../ui/Problem";
import typography from "../../ui/typography.module.css";
import styles from "./SendTest.module.css";

interface Props {
  /** As whom it is written; null for any customer. */
  shown: CustomerBrief | null;
  disabled: boolean;
  /** Stores the campaign as it stands; its id. */
  keep: () => Promise<string>;
  /** Whether it is stored already, so that `keep` changes nothing. */
  isKept: boolean;
}

/** Sends the message to the signed-in person only. */
export function SendTest({ shown, disabled, keep, isKept }: Props) {
  const email = useSession().data?.email ?? "";
  const mayTest = useCan("POST /api/v1/campaigns/{id}/test");
  const test = useMutation({
    mutationFn: async () => sendTest(await keep(), shown?.key ?? null),
  });
  if (!mayTest) return null;
  const refused = test.data && test.data.status !== "accepted" ? (test.data.reason ?? test.data.status) : null;
  return (
    <div className={styles.test}>
      <button
        type="button"
        className={button("neutral")}
        disabled={disabled || test.isPending}
        onClick={() => test.mutate()}
      >
        {test.isPending ? text.testing : text.test}
      </button>
      <p className={typography.note}>
        {text.testHint(email)} {!isKept && text.testSaves}
      </p>
      <p role="status" data-testid="test-result">
        {refused && text.testRefused(refused)}
        {test.data && !refused && text.tested(test.data.to, shown?.name ?? shown?.customer_id ?? text.somebody)}
      </p>
      {test.error && <Problem error={test.error} title={text.testFailed} />}
    </div>
  );
}
