import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { Navigate, useSearchParams } from "react-router";

import { localCredential, sessionConfig, signIn } from "../api/endpoints";
import type { Session } from "../api/types";
import { Answer } from "../ui/Answer";
import { Problem } from "../ui/Problem";
import { showGoogleButton } from "./google";
import { safeNext } from "./next";
import { SESSION_KEY, useSession } from "./useSession";

const LOCAL_ACCOUNTS = [
  ["owner@example.com", "Owner, may do everything"],
  ["marketer@example.com", "Marketer, may send campaigns"],
  ["viewer@example.com", "Viewer, may look"],
] as const;

export default function SignIn() {
  const [parameters] = useSearchParams();
  const config = useQuery({ queryKey: ["session", "config"], queryFn: sessionConfig, staleTime: Infinity });
  const session = useSession();
  const client = useQueryClient();
  const entered = (who: Session) => client.setQueryData(SESSION_KEY, who);
  useEffect(() => {
    document.title = "Sign in · CRM";
  }, []);
  if (session.data) return <Navigate to={safeNext(parameters.get("next"))} replace />;
  return (
    <main className="sign-in">
      <div className="card">
        <div className="card-body p-4">
          <h1>Sign in</h1>
          <p className="text-body-secondary">Build an audience, write to it, watch it arrive.</p>
          <Answer query={config} failure="Sign-in is not available">
            {({ identity_url, client_id }) =>
              identity_url ? (
                <LocalForm identityUrl={identity_url} onEntered={entered} />
              ) : (
                <GoogleButton clientId={client_id} onEntered={entered} />
              )
            }
          </Answer>
        </div>
      </div>
    </main>
  );
}

interface Entrance {
  onEntered: (session: Session) => void;
}

function LocalForm({ identityUrl, onEntered }: Entrance & { identityUrl: string }) {
  const [email, setEmail] = useState("owner@example.com");
  const enter = useMutation({
    mutationFn: async () => signIn((await localCredential(identityUrl, email.trim())).credential),
    onSuccess: onEntered,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate();
  };
  return (
    <form onSubmit={submit}>
      <label className="form-label" htmlFor="email">
        E-mail
      </label>
      <input
        id="email"
        type="email"
        className="form-control"
        list="accounts"
        autoComplete="username"
        required
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <datalist id="accounts">
        {LOCAL_ACCOUNTS.map(([address]) => (
          <option key={address} value={address} />
        ))}
      </datalist>
      <fieldset className="my-3">
        <legend className="form-text">Accounts of this local installation</legend>
        {LOCAL_ACCOUNTS.map(([address, what]) => (
          <div className="form-check" key={address}>
            <input
              className="form-check-input"
              type="radio"
              name="account"
              id={address}
              checked={email === address}
              onChange={() => setEmail(address)}
            />
            <label className="form-check-label" htmlFor={address}>
              {what}
            </label>
          </div>
        ))}
      </fieldset>
      {enter.error && <Problem error={enter.error} title="You are not signed in" />}
      <button type="submit" className="btn btn-primary w-100" disabled={enter.isPending}>
        Sign in
      </button>
    </form>
  );
}

function GoogleButton({ clientId, onEntered }: Entrance & { clientId: string }) {
  const place = useRef<HTMLDivElement>(null);
  const [unloaded, setUnloaded] = useState<unknown>(null);
  const { mutate, error } = useMutation({
    mutationFn: ({ credential, nonce }: { credential: string; nonce: string }) => signIn(credential, nonce),
    onSuccess: onEntered,
  });
  useEffect(() => {
    if (!place.current) return;
    showGoogleButton(place.current, clientId, (credential, nonce) => mutate({ credential, nonce })).catch(setUnloaded);
  }, [clientId, mutate]);
  return (
    <>
      <div ref={place} className="google-button" />
      {Boolean(error ?? unloaded) && <Problem error={error ?? unloaded} title="You are not signed in" />}
    </>
  );
}
