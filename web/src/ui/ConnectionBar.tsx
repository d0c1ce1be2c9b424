import { useEffect, useRef } from "react";

import { appText } from "../texts/app";
import styles from "./ConnectionBar.module.css";
import { useIsConnected } from "./connection";
import { Icon } from "./Icon";
import { notify } from "./notify";

/** Says that the connection is lost, and that it is back. */
export function ConnectionBar() {
  const isConnected = useIsConnected();
  const was = useRef(true);
  useEffect(() => {
    if (isConnected && !was.current) notify({ text: appText.offline.back });
    was.current = isConnected;
  }, [isConnected]);
  return (
    <div role="status">
      {!isConnected && (
        <div className={styles.bar}>
          <Icon name="warning" />
          <span>
            <strong>{appText.offline.title}</strong> {appText.offline.text}
          </span>
        </div>
      )}
    </div>
  );
}
