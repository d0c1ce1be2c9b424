import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";

import { explainCustomer, listCustomers } from "../api/endpoints";
import type { CustomerBrief, Verdict } from "../api/types";
import { Answer } from "../ui/Answer";
import { formatCount } from "../ui/format";
import { Icon } from "../ui/Icon";
import { Card } from "../ui/Page";
import { useDebounced } from "../ui/useDebounced";
import type { WireGroup } from "./wire";

interface Props {
  rules: WireGroup | null;
  /** Offered before anything is searched for. */
  sample: CustomerBrief[];
}

/** For any one person: are they in, and which rule says so. */
export function Explain({ rules, sample }: Props) {
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<CustomerBrief | null>(null);
  const id = useId();
  const people = usePeople(search, sample);
  return (
    <Card title="Why is somebody in or out?">
      <label className="form-label" htmlFor={id}>
        Find a customer by name, e-mail or id
      </label>
      <input
        id={id}
        type="search"
        className="form-control name-input"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
        onKeyDown={(event) => {
          // It may stand inside a form, which Enter would send.
          if (event.key === "Enter") event.preventDefault();
        }}
      />
      <ul className="choices" aria-label="Customers found">
        {people.slice(0, 5).map((person) => (
          <li key={person.customer_id}>
            <button
              type="button"
              className="btn btn-sm btn-outline-secondary"
              aria-pressed={person.customer_id === chosen?.customer_id}
              onClick={() => setChosen(person)}
            >
              {person.name ?? person.customer_id}
            </button>
          </li>
        ))}
      </ul>
      {chosen && rules && <Explained rules={rules} person={chosen} />}
      {chosen && !rules && <p className="mb-0 text-body-secondary">Finish the marked rules first.</p>}
    </Card>
  );
}

function usePeople(search: string, sample: CustomerBrief[]): CustomerBrief[] {
  const wanted = useDebounced(search.trim(), 250);
  const found = useQuery({
    queryKey: ["customers", wanted, null],
    queryFn: ({ signal }) => listCustomers(wanted, null, signal),
    enabled: wanted !== "",
  });
  return wanted === "" ? sample : (found.data?.data ?? []);
}

function Explained({ rules, person }: { rules: WireGroup; person: CustomerBrief }) {
  const settled = useDebounced(JSON.stringify(rules), 250);
  const explained = useQuery({
    queryKey: ["explain", settled, person.customer_id],
    queryFn: ({ signal }) => explainCustomer(JSON.parse(settled) as WireGroup, person.customer_id, signal),
  });
  return (
    <Answer query={explained} failure="This could not be explained">
      {({ matches, name, customer_id, rules: root }) => (
        <div data-testid="explanation">
          <p className="mb-2">
            <strong>{name ?? customer_id}</strong> is <strong>{matches ? "in" : "out"}</strong>.
          </p>
          <ul className="verdicts">
            <Node node={root} />
          </ul>
        </div>
      )}
    </Answer>
  );
}

function Node({ node }: { node: Verdict }) {
  const met = node.verdict ? "Holds" : "Does not hold";
  return (
    <li>
      <span className={node.verdict ? "verdict-yes" : "verdict-no"}>
        <Icon name={node.verdict ? "check" : "cross"} />
        <span className="visually-hidden">{met}: </span>
      </span>{" "}
      {node.rules ? groupWords(node) : node.text}
      {!node.rules && <span className="text-body-secondary"> (is: {actualWords(node.actual)})</span>}
      {node.rules && node.rules.length > 0 && (
        <ul className="verdicts">
          {node.rules.map((inner, index) => (
            <Node key={index} node={inner} />
          ))}
        </ul>
      )}
    </li>
  );
}

function groupWords({ combinator, not, rules = [] }: Verdict): string {
  if (rules.length === 0) return "All customers";
  const words = combinator === "or" ? "Any of these" : "All of these";
  return not ? `Not: ${words.toLowerCase()}` : words;
}

function actualWords(actual: unknown): string {
  if (actual === null || actual === undefined || actual === "") return "nothing";
  if (Array.isArray(actual)) return actual.length > 0 ? actual.join(", ") : "nothing";
  if (typeof actual === "number") return formatCount(actual);
  if (typeof actual === "boolean") return actual ? "yes" : "no";
  return String(actual).replace(/T.*/, "");
}
