import { type ReactNode, useId, useLayoutEffect, useRef } from "react";

import styles from "./Dialog.module.css";

interface Props {
  title: string;
  /** Called by Escape; without it the dialog stays until it is taken away. */
  onClose?: () => void;
  children: ReactNode;
}

/** A modal dialog. The browser keeps the focus in it, and gives it back afterwards. */
export function Dialog({ title, onClose, children }: Props) {
  const place = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Before the dialog is taken out of the page: only one that is there gives the focus back as it closes.
  useLayoutEffect(() => {
    const dialog = place.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={place}
      className={styles.dialog}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
    >
      <h2 id={titleId}>{title}</h2>
      {children}
    </dialog>
  );
}
