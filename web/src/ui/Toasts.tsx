import { useEffect, useState } from "react";

import { appText } from "../texts/app";
import { IconLabel } from "./Icon";
import { dismiss, type Notice, notices } from "./notify";
import styles from "./Toasts.module.css";

const SHOWN_MS = 8_000;

/** Where the notices of `notify` appear. The region is there before them, so that they are read out. */
export function Toasts() {
  return (
    <div className={styles.toasts} role="status">
      {notices.use().map((notice) => (
        <Toast key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

function Toast({ notice: { id, text, undo } }: { notice: Notice }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismiss(id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [held, id]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only waits while it is read; its controls are buttons.
    <div
      className={styles.toast}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span>{text}</span>
      {undo && (
        <button
          type="button"
          onClick={() => {
            dismiss(id);
            undo();
          }}
        >
          {appText.undo}
        </button>
      )}
      <button type="button" onClick={() => dismiss(id)}>
        <IconLabel name="cross" text={appText.close} />
      </button>
    </div>
  );
}
