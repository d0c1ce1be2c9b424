import styles from "./button.module.css";
import { classes } from "./classes";

type Look = "primary" | "accent" | "neutral" | "careful" | "danger" | "plain" | "link";
type Size = "small" | "large" | "icon";

/** The class of a button, or of a link that looks like one. */
export function button(look: Look, size?: Size): string {
  return classes(styles.button, styles[look], size && styles[size]);
}
