import { useState } from "react";

import { appText } from "../texts/app";
import { button } from "./button";
import { Icon } from "./Icon";
import typography from "./typography.module.css";

/** Copies `text`; `label` says what it is, for people who do not see the text next to it. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [outcome, setOutcome] = useState<string | null>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome(appText.copied);
    } catch {
      setOutcome(appText.copyFailed);
    }
  };
  return (
    <button type="button" className={button("neutral", "small")} onClick={() => void copy()}>
      <Icon name={outcome === appText.copied ? "check" : "copy"} />
      <span aria-live="polite">{outcome ?? appText.copy}</span>
      <span className={typography.hidden}> {label}</span>
    </button>
  );
}
