import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { Link, useSearchParams } from "react-router";

import { listCustomers } from "../api/endpoints";
import type { CustomerBrief } from "../api/types";
import { Answer } from "../ui/Answer";
import { formatAmount, formatCount, formatDate } from "../ui/format";
import { Empty, Page } from "../ui/Page";
import { Pager } from "../ui/Pager";
import { useCursor, type Cursor } from "../ui/useCursor";
import { useDebounced } from "../ui/useDebounced";

export default function Customers() {
  const [parameters, setParameters] = useSearchParams();
  const query = parameters.get("query") ?? "";
  const settled = useDebounced(query, 250);
  const inputId = useId();
  return (
    <Page title="Customers" lead="Everyone your systems have sent.">
      <div className="card">
        <div className="card-body">
          <label className="form-label" htmlFor={inputId}>
            Search by name, e-mail or id
          </label>
          <input
            id={inputId}
            type="search"
            className="form-control mb-3 name-input"
            value={query}
            onChange={({ target }) => setParameters(target.value ? { query: target.value } : {}, { replace: true })}
          />
          <Found key={settled} query={settled} />
        </div>
      </div>
    </Page>
  );
}

function Found({ query }: { query: string }) {
  const cursor = useCursor();
  const page = useQuery({
    queryKey: ["customers", query, cursor.cursor],
    queryFn: ({ signal }) => listCustomers(query, cursor.cursor, signal),
    placeholderData: keepPreviousData,
  });
  return (
    <Answer query={page} failure="The customers could not be loaded">
      {({ data, next_cursor }) =>
        data.length === 0 ? <Nobody query={query} /> : <List customers={data} cursor={cursor} next={next_cursor} />
      }
    </Answer>
  );
}

function List({ customers, cursor, next }: { customers: CustomerBrief[]; cursor: Cursor; next: string | null }) {
  return (
    <>
      <div className="table-wrap" tabIndex={0} role="region" aria-label="Customers">
        <table className="table align-middle">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">E-mail</th>
              <th scope="col">City</th>
              <th scope="col" className="number">
                Orders
              </th>
              <th scope="col" className="number">
                Spent
              </th>
              <th scope="col">Last order</th>
            </tr>
          </thead>
          <tbody>
            {customers.map((one) => (
              <tr key={one.customer_id}>
                <td>
                  <Link to={`/customers/${encodeURIComponent(one.customer_id)}`}>{one.name ?? one.customer_id}</Link>
                </td>
                <td>{one.email ?? "–"}</td>
                <td>{one.city ?? "–"}</td>
                <td className="number">{formatCount(one.order_count ?? 0)}</td>
                <td className="number">{formatAmount(one.total_spend)}</td>
                <td className="text-nowrap">{formatDate(one.last_order_at)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Pager cursor={cursor} next={next} of="customers" />
    </>
  );
}

function Nobody({ query }: { query: string }) {
  if (query) return <Empty title={`Nobody matches “${query}”`}>Try a part of the name or the e-mail address.</Empty>;
  return (
    <Empty title="No customers yet">
      <p>
        Your systems send customers and orders with an API key. <Link to="/settings">Settings shows how</Link>.
      </p>
    </Empty>
  );
}
