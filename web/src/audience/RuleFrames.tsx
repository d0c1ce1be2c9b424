import { Rule, RuleGroup, type RuleGroupProps, type RuleProps, type ValidationMap } from "react-querybuilder";

import { audienceText as text } from "../texts/audience";
import { classes } from "../ui/classes";
import forms from "../ui/forms.module.css";
import { Icon } from "../ui/Icon";
import styles from "./RuleBuilder.module.css";

/** A rule as a named group of controls, with what it still needs. */
export function FramedRule(props: RuleProps) {
  return <Frame name={text.rule(placeOf(props.path))} rule={props} />;
}

/** A rule about the orders that a behaviour counts. */
export function OrderRule(props: RuleProps) {
  return <Frame name={text.orderCondition(placeOf(props.path))} rule={props} />;
}

export function FramedGroup(props: RuleGroupProps) {
  const isRoot = props.path.length === 0;
  const reason = reasonOf(props.schema.validationMap, props.id);
  return (
    <fieldset aria-label={isRoot ? text.rootGroup : text.group(placeOf(props.path))}>
      <RuleGroup {...props} />
      {reason && <Reason words={reason} ofGroup />}
    </fieldset>
  );
}

function Frame({ name, rule }: { name: string; rule: RuleProps }) {
  const reason = reasonOf(rule.schema.validationMap, rule.id);
  return (
    <fieldset aria-label={name}>
      <Rule {...rule} />
      {reason && <Reason words={reason} />}
    </fieldset>
  );
}

function Reason({ words, ofGroup = false }: { words: string; ofGroup?: boolean }) {
  return (
    <p className={classes(forms.fault, ofGroup && styles.groupFault)}>
      <Icon name="warning" /> {words}
    </p>
  );
}

/** [1, 0] is "2.1". */
function placeOf(path: readonly number[]): string {
  return path.map((index) => index + 1).join(".");
}

function reasonOf(results: ValidationMap, id: string | undefined): string | null {
  const result = results[id ?? ""];
  const reasons: unknown = typeof result === "object" ? result.reasons : null;
  const first: unknown = Array.isArray(reasons) ? reasons[0] : null;
  return typeof first === "string" ? first : null;
}
