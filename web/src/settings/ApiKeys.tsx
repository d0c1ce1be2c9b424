import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type FormEvent } from "react";

import { createKey, listKeys, revokeKey } from "../api/endpoints";
import type { ApiKey } from "../api/types";
import { Answer } from "../ui/Answer";
import { formatTime } from "../ui/format";
import { Card } from "../ui/Page";
import { Problem } from "../ui/Problem";

const KEYS = ["keys"] as const;

/** Keys for systems that post records. The text of a key is shown once, right after it is made. */
export function ApiKeys() {
  const keys = useQuery({ queryKey: KEYS, queryFn: ({ signal }) => listKeys(signal) });
  return (
    <Card title="API keys">
      <NewKey />
      <Answer query={keys} failure="The keys could not be loaded">
        {({ data }) =>
          data.length === 0 ? (
            <p className="mb-0 text-body-secondary">No keys yet. Make one for each system that sends records.</p>
          ) : (
            <ul className="rows">
              {data.map((key) => (
                <Key key={key.id} apiKey={key} />
              ))}
            </ul>
          )
        }
      </Answer>
    </Card>
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
      <form onSubmit={submit} className="mb-3">
        <label className="form-label" htmlFor={nameId}>
          Name of the system
        </label>
        <div className="input-line">
          <input
            id={nameId}
            className="form-control"
            required
            maxLength={100}
            placeholder="Shop backend"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <button type="submit" className="btn btn-primary" disabled={!name.trim() || create.isPending}>
            Make key
          </button>
        </div>
      </form>
      {create.error && <Problem error={create.error} title="No key was made" />}
      {create.data && <Once secret={create.data.key} />}
    </>
  );
}

function Once({ secret }: { secret: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(secret);
    setCopied(true);
  };
  return (
    <div className="alert alert-success" role="status">
      <p className="mb-1">This is the key. Keep it now: it is not shown again.</p>
      <p className="mb-2">
        <code className="secret" data-testid="api-key">
          {secret}
        </code>
      </p>
      <button type="button" className="btn btn-sm btn-outline-secondary" onClick={() => void copy()}>
        {copied ? "Copied" : "Copy"}
      </button>
    </div>
  );
}

function Key({ apiKey }: { apiKey: ApiKey }) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: revokeKey,
    onSuccess: () => client.invalidateQueries({ queryKey: KEYS }),
  });
  const ask = () => {
    const sure = window.confirm(`Revoke the key “${apiKey.name}”? Systems that use it are refused within a minute.`);
    if (sure) revoke.mutate(apiKey.id);
  };
  return (
    <li className="row-item">
      <div>
        <span className="fw-semibold">{apiKey.name}</span>
        <p className="mb-0 small text-body-secondary">
          {apiKey.revoked_at ? `Revoked ${formatTime(apiKey.revoked_at)}` : `Made ${formatTime(apiKey.created_at)}`}
        </p>
        {revoke.error && <Problem error={revoke.error} title="The key was not revoked" />}
      </div>
      {!apiKey.revoked_at && (
        <button type="button" className="btn btn-sm btn-outline-danger" disabled={revoke.isPending} onClick={ask}>
          Revoke
          <span className="visually-hidden"> {apiKey.name}</span>
        </button>
      )}
    </li>
  );
}
