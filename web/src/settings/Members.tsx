import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { addMember, membersQuery, removeMember, setRole } from "../api/settings";
import { thenRead } from "../api/thenRead";
import type { Member, Role } from "../api/types";
import { isMore } from "../session/can";
import { useSession } from "../session/useSession";
import { appText } from "../texts/app";
import { settingsText } from "../texts/settings";
import { ask } from "../ui/ask";
import { button } from "../ui/button";
import forms from "../ui/forms.module.css";
import lists from "../ui/lists.module.css";
import { notify } from "../ui/notify";
import { Card } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { QueryBoundary } from "../ui/QueryBoundary";
import typography from "../ui/typography.module.css";
import { NewMember } from "./NewMember";
import { SettingsPage } from "./SettingsPage";

const { members: words } = settingsText;

/** Who may sign in. */
export default function Members() {
  const members = useQuery(membersQuery);
  return (
    <SettingsPage tab={words.title}>
      <Card title={words.title} lead={words.lead}>
        <NewMember />
        <QueryBoundary query={members} failure={words.failed}>
          {({ data }) => (
            <ul className={lists.rows} aria-label={words.title}>
              {data.map((member) => (
                <Row key={member.id} member={member} />
              ))}
            </ul>
          )}
        </QueryBoundary>
      </Card>
    </SettingsPage>
  );
}

function Row({ member: { id, email, role, added_by, added_at } }: { member: Member }) {
  const isMe = useSession().data?.email === email;
  // Chosen and not confirmed: the arrow keys go through all roles.
  const [chosen, setChosen] = useState<Role>(role);
  useEffect(() => setChosen(role), [role]);
  const client = useQueryClient();
  const settled = thenRead(() => client.invalidateQueries({ queryKey: membersQuery.queryKey }));
  const change = useMutation({
    mutationFn: (next: Role) => setRole(id, next),
    onSuccess: (_, next) =>
      notify({ text: words.changed(email, appText.roles[next]), undo: () => change.mutate(role) }),
    onSettled: settled,
  });
  const restore = useMutation({ mutationFn: () => addMember(email, role), onSettled: settled });
  const remove = useMutation({
    mutationFn: () => removeMember(id),
    onSuccess: () => notify({ text: words.removed(email), undo: () => restore.mutate() }),
    onSettled: settled,
  });
  const confirm = async () => {
    // What one does to oneself cannot be undone by oneself.
    if (isMe && !(await ask({ ...words.demote, danger: true }))) return;
    if (isMore(chosen, role) && !(await ask(words.grant(email, chosen)))) return;
    change.mutate(chosen);
  };
  const drop = async () => {
    if (await ask({ ...(isMe ? words.own : words.removeAsk(email)), danger: true })) remove.mutate();
  };
  const error = change.error ?? remove.error ?? restore.error;
  return (
    <li className={lists.row}>
      <div>
        <span className={typography.strong}>{email}</span>{" "}
        {isMe && <span className={typography.quiet}>({words.you})</span>}
        <p className={typography.note}>
          {added_by && added_at ? words.addedBy(added_by, added_at) : words.addedByOperator}
        </p>
        {error && <Problem error={error} title={words.failedChange} />}
      </div>
      <div className={forms.pair}>
        <select
          className={forms.small}
          aria-label={words.roleOf(email)}
          value={chosen}
          disabled={change.isPending}
          onChange={({ target }) => setChosen(target.value as Role)}
        >
          {(Object.keys(appText.roles) as Role[]).map((one) => (
            <option key={one} value={one}>
              {appText.roles[one]}
            </option>
          ))}
        </select>
        {chosen !== role && (
          <button
            type="button"
            className={button("primary", "small")}
            disabled={change.isPending}
            onClick={() => void confirm()}
          >
            {words.changeRole}
            <span className={typography.hidden}> {words.of(email)}</span>
          </button>
        )}
        <button
          type="button"
          className={button("careful", "small")}
          disabled={remove.isPending}
          onClick={() => void drop()}
        >
          {words.remove}
          <span className={typography.hidden}> {email}</span>
        </button>
      </div>
    </li>
  );
}
