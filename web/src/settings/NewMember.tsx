import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";

import { keys } from "../api/keys";
import { addMember } from "../api/settings";
import type { Role } from "../api/types";
import { useLimits } from "../session/useLimits";
import { settingsText } from "../texts/settings";
import { button } from "../ui/button";
import forms from "../ui/forms.module.css";
import layout from "../ui/layout.module.css";
import { notify } from "../ui/notify";
import { Problem } from "../ui/Problem";

const { members: words } = settingsText;

export function NewMember() {
  const [email, setEmail] = useState("");
  const limits = useLimits();
  const [role, setRole] = useState<Role>("viewer");
  const id = useId();
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: () => addMember(email.trim(), role),
    onSuccess: () => {
      notify({ text: words.added(email.trim()) });
      setEmail("");
      return client.invalidateQueries({ queryKey: keys.members.all });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form onSubmit={submit} className={layout.below5}>
      <div className={forms.line}>
        <div>
          <label className={forms.label} htmlFor={`${id}email`}>
            {words.email}
          </label>
          <input
            id={`${id}email`}
            type="email"
            required
            maxLength={limits?.email}
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        </div>
        <div>
          <label className={forms.label} htmlFor={`${id}role`}>
            {words.role}
          </label>
          <select id={`${id}role`} value={role} onChange={({ target }) => setRole(target.value as Role)}>
            {(Object.keys(words.roles) as Role[]).map((one) => (
              <option key={one} value={one}>
                {words.roles[one]}
              </option>
            ))}
          </select>
        </div>
        <button type="submit" className={button("primary")} disabled={!email.trim() || add.isPending}>
          {words.add}
        </button>
      </div>
      {add.error && (
        <div className={layout.above4}>
          <Problem error={add.error} title={words.notAdded} />
        </div>
      )}
    </form>
  );
}
