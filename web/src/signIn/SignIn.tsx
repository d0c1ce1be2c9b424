import { useEffect } from "react";
import { Navigate, useSearchParams } from "react-router";

import { safeNext } from "../session/next";
import { useSession } from "../session/useSession";
import { appText } from "../texts/app";
import { sessionText } from "../texts/session";
import { Brand } from "../ui/Brand";
import { ConnectionBar } from "../ui/ConnectionBar";
import { Card } from "../ui/Page";
import typography from "../ui/typography.module.css";
import { Entrance } from "./Entrance";
import styles from "./SignIn.module.css";

export default function SignIn() {
  const [parameters] = useSearchParams();
  const session = useSession();
  useEffect(() => {
    document.title = `${sessionText.title} · ${appText.product}`;
  }, []);
  if (session.data) return <Navigate to={safeNext(parameters.get("next"))} replace />;
  return (
    <>
      <ConnectionBar />
      <main className={styles.page}>
        <div className={styles.box}>
          <Brand />
          <Card>
            <h1>{sessionText.title}</h1>
            <p className={typography.quiet}>{appText.tagline}</p>
            <Entrance />
          </Card>
        </div>
      </main>
    </>
  );
}
