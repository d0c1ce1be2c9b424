import { useState } from "react";

import { appText } from "../texts/app";
import { Icon } from "./Icon";

/** Copies `text`; `label` says what it is, for whoever does not see what stands beside it. */
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
    <button type="button" className="btn btn-sm btn-outline-secondary" onClick={() => void copy()}>
      <Icon name={outcome === appText.copied ? "check" : "copy"} />
      <span aria-live="polite">{outcome ?? appText.copy}</span>
      <span className="visually-hidden"> {label}</span>
    </button>
  );
}
