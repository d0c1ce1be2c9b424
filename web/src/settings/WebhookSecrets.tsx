import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { createWebhookSecret, deleteWebhookSecret, webhookSecretsQuery } from "../api/settings";
import type { WebhookSecret } from "../api/types";
import { settingsText } from "../texts/settings";
import type { Question } from "../ui/ask";
import { button } from "../ui/button";
import { CopyButton } from "../ui/CopyButton";
import { classes } from "../ui/classes";
import forms from "../ui/forms.module.css";
import layout from "../ui/layout.module.css";
import { Card } from "../ui/Page";
import { Problem } from "../ui/Problem";
import typography from "../ui/typography.module.css";
import { Once } from "./Once";
import { SecretList } from "./SecretList";
import { SettingsPage } from "./SettingsPage";

const { webhooks: words } = settingsText;

/** What vendors sign their delivery reports with. The text of a secret is shown once, right after it is made. */
export default function WebhookSecrets() {
  const address = `${window.location.origin}/api/v1/receipts`;
  return (
    <SettingsPage tab={words.title}>
      <Card title={words.title} lead={words.lead}>
        <h3>{words.address}</h3>
        <div className={classes(forms.pair, layout.below5)}>
          <code className={typography.secret}>{address}</code>
          <CopyButton text={address} label={words.copyAddress} />
        </div>
        <NewSecret />
        <SecretList
          queryKey={webhookSecretsQuery.queryKey}
          secrets={useQuery(webhookSecretsQuery)}
          about={about}
          question={() => QUESTION}
          end={deleteWebhookSecret}
          words={words}
        />
      </Card>
    </SettingsPage>
  );
}

function NewSecret() {
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: createWebhookSecret,
    onSuccess: () => client.invalidateQueries({ queryKey: webhookSecretsQuery.queryKey }),
  });
  return (
    <div className={layout.below5}>
      <button
        type="button"
        className={classes(button("primary"), layout.below4)}
        disabled={create.isPending}
        onClick={() => create.mutate()}
      >
        {words.make}
      </button>
      {create.error && <Problem error={create.error} title={words.notMade} />}
      {create.data && (
        <Once secret={create.data.secret} text={words.once} copyWhat={words.copyWhat} testId="webhook-secret" />
      )}
    </div>
  );
}

function about({ id, created_at, created_by, last_used_at }: WebhookSecret) {
  const used = last_used_at ? words.used(last_used_at) : words.unused;
  return {
    name: <code className={typography.secret}>{id}</code>,
    text: `${words.made(created_at, created_by)} · ${used}`,
  };
}

const QUESTION: Question = { title: words.ask, text: words.askText, action: words.yes, danger: true };
