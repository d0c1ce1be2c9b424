import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";

import { apiKeysQuery, createKey } from "../api/settings";
import type { Scope } from "../api/types";
import { useLimits } from "../session/useLimits";
import { settingsText } from "../texts/settings";
import { button } from "../ui/button";
import { classes } from "../ui/classes";
import forms from "../ui/forms.module.css";
import layout from "../ui/layout.module.css";
import { Problem } from "../ui/Problem";
import { expiryAfter } from "./apiKeyState";
import { Once } from "./Once";

const { keys: words } = settingsText;
const SCOPES = Object.keys(words.scopes) as Scope[];

/** Makes a key. What a system does not send, its key should not allow. */
export function NewKey() {
  const limits = useLimits();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly Scope[]>(SCOPES);
  const [days, setDays] = useState("");
  const id = useId();
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: () =>
      createKey({
        name: name.trim(),
        scopes: [...scopes],
        expires_at: expiryAfter(days ? Number(days) : null, new Date()),
      }),
    onSuccess: () => {
      setName("");
      return client.invalidateQueries({ queryKey: apiKeysQuery.queryKey });
    },
  });
  const toggle = (scope: Scope) =>
    setScopes(SCOPES.filter((each) => (each === scope ? !scopes.includes(each) : scopes.includes(each))));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <>
      <form onSubmit={submit} className={layout.below5}>
        <div className={forms.line}>
          <div>
            <label className={forms.label} htmlFor={`${id}name`}>
              {words.name}
            </label>
            <input
              id={`${id}name`}
              required
              maxLength={limits?.api_key_name}
              placeholder={words.example}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          </div>
          <div>
            <label className={forms.label} htmlFor={`${id}expiry`}>
              {words.expiry}
            </label>
            <select id={`${id}expiry`} value={days} onChange={({ target }) => setDays(target.value)}>
              {words.expiries.map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          </div>
        </div>
        <fieldset className={classes(layout.above4, layout.below4)}>
          <legend className={forms.label}>{words.allows}</legend>
          {SCOPES.map((scope) => (
            <div className={forms.check} key={scope}>
              <input
                type="checkbox"
                id={`${id}${scope}`}
                checked={scopes.includes(scope)}
                onChange={() => toggle(scope)}
              />
              <label htmlFor={`${id}${scope}`}>{words.scopes[scope]}</label>
            </div>
          ))}
        </fieldset>
        <button
          type="submit"
          className={button("primary")}
          disabled={!name.trim() || scopes.length === 0 || create.isPending}
        >
          {words.make}
        </button>
      </form>
      {create.error && <Problem error={create.error} title={words.notMade} />}
      {create.data && <Once secret={create.data.key} text={words.once} copyWhat={words.copyWhat} testId="api-key" />}
    </>
  );
}
