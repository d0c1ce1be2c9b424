import { useEffect, useRef } from "react";
import { Navigate, Outlet, useLocation, useNavigation } from "react-router";

import { signInPath } from "../session/next";
import { useConfig, useHasEnded, useSession } from "../session/useSession";
import { Entrance } from "../signIn/Entrance";
import { appText } from "../texts/app";
import { setProject } from "../texts/format";
import { AskDialog } from "../ui/AskDialog";
import { ConnectionBar } from "../ui/ConnectionBar";
import { Dialog } from "../ui/Dialog";
import { Loading } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Toasts } from "../ui/Toasts";
import typography from "../ui/typography.module.css";
import { useHealing } from "../ui/useHealing";
import styles from "./Layout.module.css";
import { Side } from "./Side";

/** The frame of every page but sign-in; people who are not signed in are sent there and come back. */
export function Layout() {
  const session = useSession();
  const config = useConfig();
  useHealing(session);
  useHealing(config);
  const { pathname, search } = useLocation();
  if (session.data === null) return <Navigate to={signInPath(pathname + search)} replace />;
  if (session.data === undefined || config.data === undefined) {
    const failed = session.error ? session : config;
    return (
      <>
        <ConnectionBar />
        <main className={styles.content}>
          {failed.error ? (
            <Problem error={failed.error} title={appText.unavailable} onRetry={() => void failed.refetch()} />
          ) : (
            <Loading />
          )}
        </main>
      </>
    );
  }
  setProject({ timeZone: config.data.time_zone, currency: config.data.currency ?? undefined });
  return (
    <>
      <a className={styles.skip} href="#content">
        {appText.skip}
      </a>
      <div className={styles.shell}>
        <Side session={session.data} />
        <div>
          <ConnectionBar />
          <Content path={pathname} />
          <footer className={styles.version}>{appText.version(config.data.version)}</footer>
        </div>
      </div>
      <Toasts />
      <AskDialog />
      <SignInAgain />
    </>
  );
}

/** The page itself. A change of page moves the focus to it, so that the keyboard does not stay behind. */
function Content({ path }: { path: string }) {
  const place = useRef<HTMLElement>(null);
  const shown = useRef(path);
  const busy = useNavigation().state === "loading";
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    place.current?.focus();
  }, [path]);
  return (
    <>
      {busy && (
        <div className={styles.going} role="status">
          <span className={typography.hidden}>{appText.goingTo}</span>
        </div>
      )}
      <main id="content" className={styles.content} tabIndex={-1} ref={place} aria-busy={busy}>
        <Outlet />
      </main>
    </>
  );
}

/** Hides the page when the session has ended; the page under it stays as it is. */
function SignInAgain() {
  if (!useHasEnded()) return null;
  return (
    <Dialog title={appText.ended.title} isVeil>
      <p>{appText.ended.text}</p>
      <Entrance />
    </Dialog>
  );
}
