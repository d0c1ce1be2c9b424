import type { usePreview } from "../audience/usePreview";
import type { Draft } from "./draft";

/** What every step of making a campaign is given. */
export interface StepProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  count: ReturnType<typeof usePreview>;
  go: (step: number) => void;
}
