import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { createWebhookSecret, deleteWebhookSecret, listWebhookSecrets } from "../api/endpoints";
import type { WebhookSecret } from "../api/types";
import { settingsText } from "../texts/settings";
import { Answer } from "../ui/Answer";
import { ask } from "../ui/ask";
import { CopyButton } from "../ui/CopyButton";
import { Card, Empty } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Once } from "./Once";
import { SettingsPage } from "./SettingsPage";

const SECRETS = ["webhook-secrets"] as const;
const { webhooks: words } = settingsText;

/** What vendors sign their delivery reports with. The text of a secret is shown once, right after it is made. */
export default function WebhookSecrets() {
  const secrets = useQuery({ queryKey: SECRETS, queryFn: ({ signal }) => listWebhookSecrets(signal) });
  const address = `${window.location.origin}/api/v1/receipts`;
  return (
    <SettingsPage tab={words.title}>
      <Card title={words.title} lead={words.lead}>
        <h3>{words.address}</h3>
        <div className="input-line align-items-center mb-4">
          <code className="secret">{address}</code>
          <CopyButton text={address} label={words.copyAddress} />
        </div>
        <NewSecret />
        <Answer query={secrets} failure={words.failed}>
          {({ data }) =>
            data.length === 0 ? (
              <Empty title={words.none} icon="key">
                <p>{words.noneText}</p>
              </Empty>
            ) : (
              <ul className="rows" aria-label={words.title}>
                {data.map((secret) => (
                  <Row key={secret.id} secret={secret} />
                ))}
              </ul>
            )
          }
        </Answer>
      </Card>
    </SettingsPage>
  );
}

function NewSecret() {
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: createWebhookSecret,
    onSuccess: () => client.invalidateQueries({ queryKey: SECRETS }),
  });
  return (
    <div className="mb-4">
      <button
        type="button"
        className="btn btn-primary mb-3"
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

function Row({ secret: { id, created_at, created_by, last_used_at } }: { secret: WebhookSecret }) {
  const client = useQueryClient();
  const drop = useMutation({
    mutationFn: () => deleteWebhookSecret(id),
    onSuccess: () => client.invalidateQueries({ queryKey: SECRETS }),
  });
  const askFirst = async () => {
    if (await ask({ title: words.ask, text: words.askText, action: words.yes, danger: true })) drop.mutate();
  };
  return (
    <li className="row-item">
      <div>
        <code className="secret">{id}</code>
        <p className="mb-0 small text-body-secondary">
          {words.made(created_at, created_by)} · {last_used_at ? words.used(last_used_at) : words.unused}
        </p>
        {drop.error && <Problem error={drop.error} title={words.notDropped} />}
      </div>
      <button
        type="button"
        className="btn btn-sm btn-outline-danger"
        disabled={drop.isPending}
        onClick={() => void askFirst()}
      >
        {words.drop}
        <span className="visually-hidden"> {id}</span>
      </button>
    </li>
  );
}
