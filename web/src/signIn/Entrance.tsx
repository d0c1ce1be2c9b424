import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";

import { keys } from "../api/keys";
import { newNonce, signIn, signInLocally } from "../api/session";
import type { Session } from "../api/types";
import { beginSession, useConfig, useSession } from "../session/useSession";
import { sessionText } from "../texts/session";
import { button } from "../ui/button";
import { classes } from "../ui/classes";
import forms from "../ui/forms.module.css";
import { Problem } from "../ui/Problem";
import { QueryBoundary } from "../ui/QueryBoundary";
import { showGoogleButton } from "./google";
import styles from "./SignIn.module.css";

/** The first one is chosen at first: whom README and `make run` tell people to sign in as. */
const LOCAL_ACCOUNTS = [
  ["marketer@example.com", sessionText.local.marketer],
  ["owner@example.com", sessionText.local.owner],
  ["viewer@example.com", sessionText.local.viewer],
] as const;

/** Where somebody signs in: with Google, or as one of the accounts of a local installation. */
export function Entrance() {
  const config = useConfig();
  const client = useQueryClient();
  const entered = (session: Session) => beginSession(client, session);
  return (
    <QueryBoundary query={config} failure={sessionText.unavailable}>
      {({ identity_url, client_id }) =>
        identity_url ? (
          <LocalForm identityUrl={identity_url} onEntered={entered} />
        ) : (
          <GoogleButton clientId={client_id} onEntered={entered} />
        )
      }
    </QueryBoundary>
  );
}

interface Props {
  onEntered: (session: Session) => void;
}

function LocalForm({ identityUrl, onEntered }: Props & { identityUrl: string }) {
  const [email, setEmail] = useState(useSession().data?.email ?? LOCAL_ACCOUNTS[0][0]);
  const enter = useMutation({
    mutationFn: () => signInLocally(identityUrl, email.trim()),
    onSuccess: onEntered,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate();
  };
  return (
    <form onSubmit={submit}>
      <label className={forms.label} htmlFor="email">
        {sessionText.email}
      </label>
      <input
        id="email"
        type="email"
        autoComplete="username"
        required
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <fieldset className={styles.accounts}>
        <legend className={forms.hint}>{sessionText.accounts}</legend>
        {LOCAL_ACCOUNTS.map(([address, what]) => (
          <div className={forms.check} key={address}>
            <input
              type="radio"
              name="account"
              id={address}
              checked={email === address}
              onChange={() => setEmail(address)}
            />
            <label htmlFor={address}>{what}</label>
          </div>
        ))}
      </fieldset>
      {enter.error && <Problem error={enter.error} title={sessionText.failed} />}
      <button type="submit" className={classes(button("primary"), styles.enter)} disabled={enter.isPending}>
        {sessionText.title}
      </button>
    </form>
  );
}

/** Google's button, made anew for a new nonce before the old one expires, and after each try. */
function GoogleButton({ clientId, onEntered }: Props & { clientId: string }) {
  const place = useRef<HTMLDivElement>(null);
  const [unloaded, setUnloaded] = useState<unknown>(null);
  const nonce = useQuery({
    queryKey: keys.session.nonce,
    queryFn: newNonce,
    gcTime: 0,
    refetchOnWindowFocus: true,
    staleTime: ({ state }) => renewAfter(state.data),
    refetchInterval: ({ state }) => renewAfter(state.data),
  });
  const { mutate, error } = useMutation({
    mutationFn: signIn,
    onSuccess: onEntered,
    onError: () => void nonce.refetch(),
  });
  const current = nonce.data?.nonce;
  useEffect(() => {
    if (!place.current || !current) return;
    showGoogleButton(place.current, clientId, current, mutate).catch(setUnloaded);
  }, [clientId, current, mutate]);
  const fault = error ?? nonce.error ?? unloaded;
  return (
    <>
      <div ref={place} className={styles.google} />
      {Boolean(fault) && <Problem error={fault} title={sessionText.failed} />}
    </>
  );
}

/** Milliseconds for which a button with this nonce is shown: with time left to choose an account. */
function renewAfter(nonce: { expires_in: number } | undefined): number {
  return nonce ? (nonce.expires_in * 1000) / 2 : 0;
}
