import { useId } from "react";
import type { NotToggleProps } from "react-querybuilder";

import styles from "./RuleBuilder.module.css";

/** The builder's switch that turns a group round. */
export function NotToggle({ className, handleOnChange, title, label, checked, disabled }: NotToggleProps) {
  const id = useId();
  return (
    <div className={className}>
      <input
        id={id}
        type="checkbox"
        className={styles.switch}
        checked={Boolean(checked)}
        disabled={disabled}
        onChange={(event) => handleOnChange(event.target.checked)}
      />
      <label htmlFor={id} title={title}>
        {label}
      </label>
    </div>
  );
}
