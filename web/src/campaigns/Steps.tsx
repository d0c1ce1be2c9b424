/** Where in a sequence of steps one is. */
export function Steps({ names, current }: { names: string[]; current: number }) {
  return (
    <ol className="steps" aria-label="Steps">
      {names.map((name, index) => (
        <li key={name} className={stateOf(index, current)} aria-current={index === current ? "step" : undefined}>
          <span className="step-number" aria-hidden="true">
            {index + 1}
          </span>
          {name}
        </li>
      ))}
    </ol>
  );
}

function stateOf(index: number, current: number): string {
  if (index === current) return "step is-current";
  return index < current ? "step is-done" : "step";
}
