import type { Verdict } from "../api/types";
import { audienceText as text } from "../texts/audience";
import { capitalized, formatAmount, formatCount, formatDate } from "../texts/format";
import { Icon } from "../ui/Icon";
import typography from "../ui/typography.module.css";
import styles from "./Verdicts.module.css";

/** The rules as they hold for one person: each node's verdict, and the value that it met. */
export function Verdicts({ root }: { root: Verdict }) {
  return (
    <ul className={styles.verdicts}>
      <Node node={root} />
    </ul>
  );
}

function Node({ node }: { node: Verdict }) {
  return (
    <li>
      <span className={node.verdict ? styles.yes : styles.no}>
        <Icon name={node.verdict ? "check" : "cross"} />
        <span className={typography.hidden}>{node.verdict ? text.holds : text.holdsNot}: </span>
      </span>{" "}
      {node.rules ? groupWords(node) : capitalized(node.text)}
      {!node.rules && <span className={typography.quiet}> ({text.actual(actualWords(node))})</span>}
      {!node.rules && node.leaves_on && (
        <span className={typography.quiet}>, {text.until(formatDate(node.leaves_on))}</span>
      )}
      {node.rules && node.rules.length > 0 && (
        <ul className={styles.verdicts}>
          {node.rules.map((inner, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rules have no ids, and come as a whole.
            <Node key={index} node={inner} />
          ))}
        </ul>
      )}
    </li>
  );
}

function groupWords({ combinator, not, rules = [] }: Verdict): string {
  if (rules.length === 0) return text.allCustomers;
  if (combinator === "or") return not ? text.notAnyOf : text.anyOf;
  return not ? text.notAllOf : text.allOf;
}

const DAY_OR_TIME = /^\d{4}-\d{2}-\d{2}(T|$)/;

function actualWords({ field, actual }: Verdict): string {
  if (actual === null || actual === undefined || actual === "") return text.nothing;
  if (Array.isArray(actual)) return actual.length > 0 ? actual.join(", ") : text.nothing;
  if (typeof actual === "boolean") return actual ? text.yes : text.no;
  if (typeof actual === "number") {
    return field === "total_spend" || !Number.isInteger(actual) ? formatAmount(actual) : formatCount(actual);
  }
  const value = String(actual);
  return DAY_OR_TIME.test(value) ? formatDate(value) : value;
}
