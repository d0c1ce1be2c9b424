import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";

import { explainCustomer, listCustomers } from "../api/endpoints";
import type { CustomerBrief, WireGroup } from "../api/types";
import { audienceText as text } from "../texts/audience";
import { formatDate } from "../texts/format";
import { Card } from "../ui/Page";
import { QueryBoundary } from "../ui/QueryBoundary";
import { useDebounced } from "../ui/useDebounced";
import { Verdicts } from "./Verdicts";

interface Props {
  rules: WireGroup | null;
  /** Offered before anything is searched for. */
  sample: CustomerBrief[];
  chosen: CustomerBrief | null;
  onChoose: (person: CustomerBrief) => void;
}

/** For any one person: are they in, and which rule says so. */
export function Explain({ rules, sample, chosen, onChoose }: Props) {
  const [search, setSearch] = useState("");
  const id = useId();
  const { people, nobody } = usePeople(search, sample);
  return (
    <Card title={text.explainTitle}>
      <label className="form-label" htmlFor={id}>
        {text.explainFind}
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
      {nobody && <p className="mt-2 mb-0 text-body-secondary">{text.explainNobody}</p>}
      <ul className="choices" aria-label={text.explainFound}>
        {people.slice(0, 5).map((person) => (
          <li key={person.customer_id}>
            <button
              type="button"
              className="btn btn-sm btn-outline-secondary"
              aria-pressed={person.customer_id === chosen?.customer_id}
              onClick={() => onChoose(person)}
            >
              {person.name ?? person.customer_id}
            </button>
          </li>
        ))}
      </ul>
      {chosen && rules && <Explained key={chosen.customer_id} rules={rules} person={chosen} />}
      {chosen && !rules && <p className="mb-0 text-body-secondary">{text.explainUnfinished}</p>}
    </Card>
  );
}

function usePeople(search: string, sample: CustomerBrief[]): { people: CustomerBrief[]; nobody: boolean } {
  const wanted = useDebounced(search.trim(), 250);
  const found = useQuery({
    queryKey: ["customers", wanted, null],
    queryFn: ({ signal }) => listCustomers(wanted, null, signal),
    enabled: wanted !== "",
  });
  if (wanted === "") return { people: sample, nobody: false };
  return { people: found.data?.data ?? [], nobody: found.data?.data.length === 0 };
}

function Explained({ rules, person }: { rules: WireGroup; person: CustomerBrief }) {
  const settled = useDebounced(JSON.stringify(rules), 250);
  const place = useRef<HTMLDivElement>(null);
  const explained = useQuery({
    queryKey: ["explain", settled, person.customer_id],
    queryFn: ({ signal }) => explainCustomer(JSON.parse(settled) as WireGroup, person.customer_id, signal),
  });
  const isThere = explained.data !== undefined;
  useEffect(() => {
    // Whoever asked from the sample finds the answer without looking for it.
    if (isThere) place.current?.scrollIntoView({ block: "nearest" });
  }, [isThere]);
  return (
    <div ref={place} aria-live="polite">
      <QueryBoundary query={explained} failure={text.explainFailed}>
        {({ matches, name, customer_id, rules: root }) => (
          <div data-testid="explanation">
            <p className="mb-2 fw-semibold">
              {matches ? text.isIn(name ?? customer_id) : text.isOut(name ?? customer_id)}
              {root.leaves_on && <span className="fw-normal"> {text.leavesOn(formatDate(root.leaves_on))}</span>}
            </p>
            <Verdicts root={root} />
          </div>
        )}
      </QueryBoundary>
    </div>
  );
}
