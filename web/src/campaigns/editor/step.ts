import type { usePreview } from "../../audience/usePreview";
import type { Draft } from "./draft";

/** The steps of the campaign editor, as the address names them. */
export const STEPS = ["audience", "message", "check"] as const;

export type Step = (typeof STEPS)[number];

export const isStep = (name: string | null): name is Step => STEPS.some((step) => step === name);

/** What every step of the campaign editor is given. */
export interface StepProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  count: ReturnType<typeof usePreview>;
  go: (step: Step) => void;
  /** Stores the campaign as it stands, not scheduled; its id. */
  keep: () => Promise<string>;
  /** Whether it is stored as it stands. */
  isKept: boolean;
}
