import { useEffect } from "react";
import { Navigate, useSearchParams } from "react-router";

import { safeNext } from "../session/next";
import { useSession } from "../session/useSession";
import { appText } from "../texts/app";
import { sessionText } from "../texts/session";
import { Brand } from "../ui/Brand";
import { ConnectionBar } from "../ui/ConnectionBar";
import Entrance from "./Entrance";

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
      <main className="sign-in">
        <div className="sign-in-box">
          <Brand />
          <div className="card">
            <div className="card-body p-4">
              <h1>{sessionText.title}</h1>
              <p className="text-body-secondary">{appText.tagline}</p>
              <Entrance />
            </div>
          </div>
        </div>
      </main>
    </>
  );
}
