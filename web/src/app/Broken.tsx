import { useEffect, useState } from "react";
import { useRouteError } from "react-router";

import { appText } from "../texts/app";
import { ChunkLoadError, reloadOnce } from "../ui/loadChunk";
import { Loading } from "../ui/Page";
import { Problem } from "../ui/Problem";
import styles from "./Layout.module.css";

/**
 * What is shown when a page itself fails. Where its code could not be loaded, the page is reloaded first: the address
 * is that of the page by now, and what was typed is kept in local storage.
 */
export function Broken() {
  const error = useRouteError();
  const [failed, setFailed] = useState<unknown>(null);
  useEffect(() => {
    if (!(error instanceof ChunkLoadError && reloadOnce())) setFailed(error);
  }, [error]);
  if (failed !== error) return <Loading />;
  return (
    <div className={styles.content}>
      <Problem error={error} title={appText.brokenPage} onRetry={() => window.location.reload()} />
    </div>
  );
}
