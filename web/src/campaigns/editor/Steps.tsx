import { useEffect, useRef } from "react";

import { newCampaignText as text } from "../../texts/newCampaign";

/** Where in a sequence of steps one is. A change of step moves the focus here, as a change of page would. */
export function Steps({ names, current }: { names: readonly string[]; current: number }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(current);
  useEffect(() => {
    if (shown.current === current) return;
    shown.current = current;
    heading.current?.focus();
    window.scrollTo({ top: 0 });
  }, [current]);
  return (
    <div className="steps-frame">
      <ol className="steps" aria-label={text.stepsLabel}>
        {names.map((name, index) => (
          <li key={name} className={stateOf(index, current)} aria-current={index === current ? "step" : undefined}>
            <span className="step-number" aria-hidden="true">
              {index + 1}
            </span>
            {name}
          </li>
        ))}
      </ol>
      <h2 ref={heading} tabIndex={-1} className="visually-hidden">
        {text.stepTitle(current + 1, names.length, names[current] ?? "")}
      </h2>
    </div>
  );
}

function stateOf(index: number, current: number): string {
  if (index === current) return "step is-current";
  return index < current ? "step is-done" : "step";
}
