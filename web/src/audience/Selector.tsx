import { toOptions, useValueSelector, type ValueSelectorProps } from "react-querybuilder";

/** The builder's select, with its title as a label rather than as a tooltip. */
export function Selector(props: ValueSelectorProps) {
  const { val, onChange } = useValueSelector(props);
  return (
    <select
      className={props.className}
      aria-label={props.title}
      disabled={props.disabled}
      value={val}
      onChange={(event) => onChange(event.target.value)}
    >
      {toOptions(props.options)}
    </select>
  );
}
