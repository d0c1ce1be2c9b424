import { useMemo } from "react";
import {
  type Field as BuilderField,
  type Classnames,
  QueryBuilder,
  type RuleGroupTypeAny,
  type Translations,
} from "react-querybuilder";

import type { Limits, MatchMode } from "../api/types";
import { audienceText as text } from "../texts/audience";
import { button } from "../ui/button";
import { classes } from "../ui/classes";
import forms from "../ui/forms.module.css";
import { IconLabel } from "../ui/Icon";
import { type Field, operatorsOf } from "./fields";
import { MeasureEditor } from "./MeasureEditor";
import { NotToggle } from "./NotToggle";
import styles from "./RuleBuilder.module.css";
import { FramedGroup, FramedRule, OrderRule } from "./RuleFrames";
import { Selector } from "./Selector";
import { countRules, type EditGroup, validationOf } from "./tree";
import { ValueEditor } from "./ValueEditor";
import { firstValue, settled } from "./values";

interface Props {
  value: EditGroup;
  fields: readonly Field[];
  /** Undefined while they are not known. */
  limits: Limits | undefined;
  onChange: (value: EditGroup) => void;
}

/** The rules of an audience, edited. Nothing here asks the server. */
export function RuleBuilder({ value, fields, limits, onChange }: Props) {
  const options = useMemo(() => optionsFor(fields, limits), [fields, limits]);
  const isOver = limits !== undefined && countRules(value) > limits.rules;
  return (
    <>
      {isOver && (
        <p className={forms.fault} role="alert">
          {text.tooManyRules(limits.rules)}
        </p>
      )}
      <QueryBuilder
        {...options}
        query={value}
        onQueryChange={(query) => onChange(settled(query, fields))}
        getSubQueryBuilderProps={(name) => subOptionsFor(fields, limits, name)}
        controlElements={CONTROLS}
        controlClassnames={LOOKS}
        suppressStandardClassnames
        translations={WORDS}
      />
    </>
  );
}

const CONTROLS = {
  rule: FramedRule,
  ruleGroup: FramedGroup,
  valueEditor: ValueEditor,
  valueSelector: Selector,
  matchModeEditor: MeasureEditor,
  notToggle: NotToggle,
};

const remove = classes(button("plain", "small"), styles.remove);

const LOOKS: Partial<Classnames> = {
  ruleGroup: styles.group ?? "",
  header: styles.header ?? "",
  body: styles.body ?? "",
  rule: styles.rule ?? "",
  hasSubQuery: styles.withOrders ?? "",
  fields: styles.field ?? "",
  operators: styles.operator ?? "",
  combinators: styles.combinator ?? "",
  notToggle: styles.not ?? "",
  valueSelector: forms.small ?? "",
  addRule: button("accent", "small"),
  addGroup: button("neutral", "small"),
  removeRule: remove,
  removeGroup: remove,
};

const WORDS: Partial<Translations> = {
  addRule: { label: text.addRule, title: text.addRule },
  addGroup: { label: text.addGroup, title: text.addGroup },
  removeRule: { label: <IconLabel name="cross" text={text.removeRule} />, title: text.removeRule },
  removeGroup: { label: <IconLabel name="cross" text={text.removeGroup} />, title: text.removeGroup },
  fields: { title: text.field },
  operators: { title: text.comparison },
  value: { title: text.value },
  combinators: { title: text.combinator },
  notToggle: { label: text.exclude, title: text.excludeHint },
};

const COMBINATORS = [
  { name: "and", label: text.matchAll },
  { name: "or", label: text.matchAny },
];

/** The first is where a new rule about orders starts. `MeasureEditor` has the words. */
const MATCH_MODES: MatchMode[] = ["atLeast", "atMost", "exactly", "none"];

function optionsFor(fields: readonly Field[], limits: Limits | undefined) {
  return {
    fields: fields.map(toBuilderField),
    combinators: COMBINATORS,
    validator: (group: RuleGroupTypeAny) => validationOf(group as EditGroup, fields),
    getDefaultValue: (rule: { field: string; operator: string }) =>
      firstValue(
        fields.find((one) => one.name === rule.field),
        rule.operator,
      ),
    addRuleToNewGroups: true,
    showNotToggle: true,
    listsAsArrays: true,
    // react-querybuilder counts the levels below the first.
    ...(limits ? { maxLevels: limits.rule_depth - 1 } : {}),
  };
}

function subOptionsFor(fields: readonly Field[], limits: Limits | undefined, name: string) {
  const inner = fields.find((one) => one.name === name)?.fields ?? [];
  return { ...optionsFor(inner, limits), controlElements: { ...CONTROLS, rule: OrderRule } };
}

function toBuilderField(field: Field): BuilderField {
  const operators = operatorsOf(field).map(({ name, label }) => ({ name, value: name, label }));
  const behaviour =
    field.kind === "orders" ? { matchModes: MATCH_MODES, subproperties: field.fields.map(toBuilderField) } : {};
  return { ...behaviour, name: field.name, label: field.label, operators, field };
}
