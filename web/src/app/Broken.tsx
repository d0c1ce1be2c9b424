import { useRouteError } from "react-router";

import { appText } from "../texts/app";
import { Problem } from "../ui/Problem";
import styles from "./Layout.module.css";

/** What is shown when a page itself fails, for one when its code cannot be loaded any more. */
export function Broken() {
  const error = useRouteError();
  return (
    <div className={styles.content}>
      <Problem error={error} title={appText.brokenPage} onRetry={() => window.location.reload()} />
    </div>
  );
}
