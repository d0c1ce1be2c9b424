import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { Link, Navigate, NavLink, Outlet, useLocation, useNavigation } from "react-router";

import { signOut } from "../api/endpoints";
import type { Session } from "../api/types";
import { signInPath } from "../session/next";
import { SESSION_KEY, useSession } from "../session/useSession";
import { Loading } from "../ui/Page";
import { Problem } from "../ui/Problem";

const PLACES = [
  ["/", "Home"],
  ["/customers", "Customers"],
  ["/segments", "Segments"],
  ["/campaigns", "Campaigns"],
  ["/settings", "Settings"],
] as const;

/** The frame of every page but sign-in; whoever is not signed in is sent there and comes back. */
export function Layout() {
  const session = useSession();
  const { pathname, search } = useLocation();
  if (session.data === null) return <Navigate to={signInPath(pathname + search)} replace />;
  if (session.data === undefined) {
    return (
      <main className="container py-5">
        {session.error ? (
          <Problem error={session.error} title="The CRM is not available" onRetry={() => void session.refetch()} />
        ) : (
          <Loading />
        )}
      </main>
    );
  }
  return (
    <>
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <TopBar session={session.data} />
      <Content path={pathname} />
    </>
  );
}

function TopBar({ session }: { session: Session }) {
  const client = useQueryClient();
  const leave = useMutation({
    mutationFn: signOut,
    onSuccess: () => {
      client.setQueryData(SESSION_KEY, null);
      // The next to sign in finds nothing of what this person saw.
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] });
    },
  });
  return (
    <header className="top-bar">
      <div className="container top-bar-row">
        <Link className="brand" to="/">
          CRM
        </Link>
        <nav aria-label="Main" className="places">
          {PLACES.map(([path, name]) => (
            <NavLink key={path} to={path} end={path === "/"} className="place">
              {name}
            </NavLink>
          ))}
        </nav>
        <div className="account">
          <span className="account-name" title={session.email}>
            {session.email}
          </span>
          <span className="badge text-bg-secondary">{session.role}</span>
          <button
            type="button"
            className="btn btn-sm btn-outline-secondary"
            disabled={leave.isPending}
            onClick={() => leave.mutate()}
          >
            Sign out
          </button>
        </div>
      </div>
    </header>
  );
}

/** The page itself. A change of page moves the focus to it, so that the keyboard does not stay behind. */
function Content({ path }: { path: string }) {
  const place = useRef<HTMLElement>(null);
  const first = useRef(true);
  const busy = useNavigation().state === "loading";
  useEffect(() => {
    if (!first.current) place.current?.focus();
    first.current = false;
  }, [path]);
  return (
    <main id="content" className="container content" tabIndex={-1} ref={place} aria-busy={busy}>
      <Outlet />
    </main>
  );
}
