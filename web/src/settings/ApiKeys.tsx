import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type FormEvent } from "react";

import { createKey, listKeys, revokeKey } from "../api/endpoints";
import type { ApiKey } from "../api/types";
import { settingsText } from "../texts/settings";
import { Answer } from "../ui/Answer";
import { ask } from "../ui/ask";
import { Badge } from "../ui/Badge";
import { Card, Empty } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Once } from "./Once";
import { SettingsPage } from "./SettingsPage";

const KEYS = ["keys"] as const;
const { keys: words } = settingsText;

/** Keys for systems that post records. The text of a key is shown once, right after it is made. */
export default function ApiKeys() {
  const keys = useQuery({ queryKey: KEYS, queryFn: ({ signal }) => listKeys(signal) });
  return (
    <SettingsPage tab={words.title}>
      <Card title={words.title} lead={words.lead}>
        <NewKey />
        <Answer query={keys} failure={words.failed}>
          {({ data }) =>
            data.length === 0 ? (
              <Empty title={words.none} icon="key">
                <p>{words.noneText}</p>
              </Empty>
            ) : (
              <ul className="rows" aria-label={words.title}>
                {data.map((key) => (
                  <Key key={key.id} apiKey={key} />
                ))}
              </ul>
            )
          }
        </Answer>
      </Card>
    </SettingsPage>
  );
}

function NewKey() {
  const [name, setName] = useState("");
  const nameId = useId();
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: createKey,
    onSuccess: () => {
      setName("");
      return client.invalidateQueries({ queryKey: KEYS });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(name.trim());
  };
  return (
    <>
      <form onSubmit={submit} className="mb-4">
        <label className="form-label" htmlFor={nameId}>
          {words.name}
        </label>
        <div className="input-line name-input">
          <input
            id={nameId}
            className="form-control"
            required
            maxLength={100}
            placeholder={words.example}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <button type="submit" className="btn btn-primary" disabled={!name.trim() || create.isPending}>
            {words.make}
          </button>
        </div>
      </form>
      {create.error && <Problem error={create.error} title={words.notMade} />}
      {create.data && (
        <Once secret={create.data.key} text={words.once} copyWhat={words.copyWhat} testId="api-key" />
      )}
    </>
  );
}

function Key({ apiKey }: { apiKey: ApiKey }) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: revokeKey,
    onSuccess: () => client.invalidateQueries({ queryKey: KEYS }),
  });
  const { id, name, created_at, created_by, revoked_at } = apiKey;
  const askFirst = async () => {
    if (await ask({ title: words.ask(name), text: words.askText, action: words.yes(name), danger: true })) {
      revoke.mutate(id);
    }
  };
  return (
    <li className="row-item">
      <div>
        <span className="fw-semibold me-2" dir="auto">
          {name}
        </span>
        <Badge tone={revoked_at ? "quiet" : "good"}>{revoked_at ? words.ended : words.works}</Badge>
        <p className="mb-0 small text-body-secondary">
          {revoked_at ? words.revoked(revoked_at) : words.made(created_at, created_by)}
        </p>
        {revoke.error && <Problem error={revoke.error} title={words.notRevoked} />}
      </div>
      {!revoked_at && (
        <button
          type="button"
          className="btn btn-sm btn-outline-danger"
          disabled={revoke.isPending}
          onClick={() => void askFirst()}
        >
          {words.revoke}
          <span className="visually-hidden"> {name}</span>
        </button>
      )}
    </li>
  );
}
