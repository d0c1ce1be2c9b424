import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";

import { apiKeysQuery, createKey, revokeKey } from "../api/settings";
import type { ApiKey } from "../api/types";
import { useLimits } from "../session/useLimits";
import { settingsText } from "../texts/settings";
import type { Question } from "../ui/ask";
import { Badge } from "../ui/Badge";
import { button } from "../ui/button";
import { classes } from "../ui/classes";
import forms from "../ui/forms.module.css";
import layout from "../ui/layout.module.css";
import { Card } from "../ui/Page";
import { Problem } from "../ui/Problem";
import typography from "../ui/typography.module.css";
import { Once } from "./Once";
import { SecretList } from "./SecretList";
import { SettingsPage } from "./SettingsPage";

const { keys: words } = settingsText;

/** Keys for systems that post records. The text of a key is shown once, right after it is made. */
export default function ApiKeys() {
  return (
    <SettingsPage tab={words.title}>
      <Card title={words.title} lead={words.lead}>
        <NewKey />
        <SecretList
          queryKey={apiKeysQuery.queryKey}
          secrets={useQuery(apiKeysQuery)}
          about={about}
          question={question}
          end={revokeKey}
          words={words}
        />
      </Card>
    </SettingsPage>
  );
}

function about({ name, created_at, created_by, revoked_at }: ApiKey) {
  const works = !revoked_at;
  return {
    name: (
      <>
        <span className={typography.strong} dir="auto">
          {name}
        </span>
        <Badge tone={works ? "good" : "quiet"}>{works ? words.works : words.ended}</Badge>
      </>
    ),
    text: works ? words.made(created_at, created_by) : words.revoked(revoked_at),
  };
}

function question({ name, revoked_at }: ApiKey): Question | null {
  return revoked_at ? null : { title: words.ask(name), text: words.askText, action: words.yes(name), danger: true };
}

function NewKey() {
  const limits = useLimits();
  const [name, setName] = useState("");
  const nameId = useId();
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: createKey,
    onSuccess: () => {
      setName("");
      return client.invalidateQueries({ queryKey: apiKeysQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(name.trim());
  };
  return (
    <>
      <form onSubmit={submit} className={layout.below5}>
        <label className={forms.label} htmlFor={nameId}>
          {words.name}
        </label>
        <div className={classes(forms.pair, forms.medium)}>
          <input
            id={nameId}
            required
            maxLength={limits?.api_key_name}
            placeholder={words.example}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <button type="submit" className={button("primary")} disabled={!name.trim() || create.isPending}>
            {words.make}
          </button>
        </div>
      </form>
      {create.error && <Problem error={create.error} title={words.notMade} />}
      {create.data && <Once secret={create.data.key} text={words.once} copyWhat={words.copyWhat} testId="api-key" />}
    </>
  );
}
