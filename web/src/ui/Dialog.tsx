import { type ReactNode, useId, useLayoutEffect, useRef } from "react";

import { classes } from "./classes";
import styles from "./Dialog.module.css";

interface Props {
  title: string;
  /** Called by Escape; without it the dialog stays until it is taken away. */
  onClose?: () => void;
  /** Whether it hides the page under it. */
  isVeil?: boolean;
  children: ReactNode;
}

/** A modal dialog. The browser keeps the focus in it, and gives it back afterwards. */
export function Dialog({ title, onClose, isVeil, children }: Props) {
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
      className={classes(styles.dialog, isVeil && styles.veil)}
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
