import { useQuery } from "@tanstack/react-query";

import { apiKeysQuery, revokeKey } from "../api/settings";
import type { ApiKey } from "../api/types";
import { settingsText } from "../texts/settings";
import type { Question } from "../ui/ask";
import { Badge } from "../ui/Badge";
import { Card } from "../ui/Page";
import typography from "../ui/typography.module.css";
import { stateOf } from "./apiKeyState";
import { NewKey } from "./NewKey";
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

function about(key: ApiKey) {
  const { name, scopes, created_at, created_by, expires_at, revoked_at, last_used_at } = key;
  const state = stateOf(key, new Date());
  const end = { works: expires_at && words.until(expires_at), expired: words.expired(expires_at) };
  const facts = [
    scopes.map((scope) => words.scopes[scope]).join(", "),
    words.made(created_at, created_by),
    last_used_at ? words.used(last_used_at) : words.unused,
    state === "revoked" ? words.revoked(revoked_at) : end[state],
  ];
  return {
    name: (
      <>
        <span className={typography.strong} dir="auto">
          {name}
        </span>
        <Badge tone={state === "works" ? "good" : "quiet"}>{words.states[state]}</Badge>
      </>
    ),
    text: facts.filter(Boolean).join(" · "),
  };
}

function question({ name, revoked_at }: ApiKey): Question | null {
  return revoked_at ? null : { title: words.ask(name), text: words.askText, action: words.yes(name), danger: true };
}
