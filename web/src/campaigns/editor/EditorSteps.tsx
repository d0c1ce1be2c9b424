import { useEffect, useRef } from "react";

import { newCampaignText as text } from "../../texts/newCampaign";
import { Steps } from "../../ui/Steps";
import typography from "../../ui/typography.module.css";

/** Where in the editor one is. A change of step moves the focus here, as a change of page would. */
export function EditorSteps({ names, current }: { names: readonly string[]; current: number }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(current);
  useEffect(() => {
    if (shown.current === current) return;
    shown.current = current;
    heading.current?.focus();
    window.scrollTo({ top: 0 });
  }, [current]);
  return (
    <div>
      <Steps label={text.stepsLabel} names={names} current={current} />
      <h2 ref={heading} tabIndex={-1} className={typography.hidden}>
        {text.stepTitle(current + 1, names.length, names[current] ?? "")}
      </h2>
    </div>
  );
}
