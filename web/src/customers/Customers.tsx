import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useId, useState } from "react";
import { Link, useLocation, useNavigate, useNavigation } from "react-router";

import { customersQuery } from "../api/customers";
import { useLimits } from "../session/useLimits";
import { useCan } from "../session/useSession";
import { customersText } from "../texts/customers";
import { button } from "../ui/button";
import { classes } from "../ui/classes";
import forms from "../ui/forms.module.css";
import { Icon } from "../ui/Icon";
import layout from "../ui/layout.module.css";
import { Card, Empty, Page, Skeleton } from "../ui/Page";
import { Pager } from "../ui/Pager";
import { QueryBoundary } from "../ui/QueryBoundary";
import { useCursor } from "../ui/useCursor";
import { useDebounced } from "../ui/useDebounced";
import { CustomerTable } from "./CustomerTable";

export default function Customers() {
  const limits = useLimits();
  const { pathname, state } = useLocation();
  const navigate = useNavigate();
  const stored = storedQuery(state);
  const [query, setQuery] = useState(stored);
  const settled = useDebounced(query, 250);
  const inputId = useId();
  // The history entry keeps the search for a reload and the way back. The address must not: it is logged on its way.
  const isLeaving = useNavigation().state !== "idle"; // then to store it would lead back here
  useEffect(() => {
    if (stored !== settled && !isLeaving) void navigate(pathname, { replace: true, state: { query: settled } });
  }, [settled, stored, isLeaving, navigate, pathname]);
  const actions = useCan("POST /api/v1/imports") && (
    <Link className={button("neutral")} to="/imports/new">
      <Icon name="import" />
      {customersText.import}
    </Link>
  );
  return (
    <Page title={customersText.title} lead={customersText.lead} actions={actions}>
      <Card flush>
        <label className={forms.label} htmlFor={inputId}>
          {customersText.search}
        </label>
        <input
          id={inputId}
          type="search"
          className={classes(layout.below4, forms.medium)}
          maxLength={limits?.customer_search}
          value={query}
          onChange={({ target }) => setQuery(target.value)}
        />
        <Found key={settled} query={settled} onClear={() => setQuery("")} />
      </Card>
    </Page>
  );
}

/** What was searched for when this history entry was left. */
function storedQuery(state: unknown): string {
  const query = typeof state === "object" && state !== null && "query" in state ? state.query : "";
  return typeof query === "string" ? query : "";
}

function Found({ query, onClear }: { query: string; onClear: () => void }) {
  const cursor = useCursor();
  const page = useQuery({
    ...customersQuery(query, cursor.cursor),
    placeholderData: keepPreviousData,
  });
  return (
    <QueryBoundary query={page} failure={customersText.failed} skeleton={<Skeleton lines={8} />}>
      {({ data, next_cursor }) =>
        data.length === 0 ? (
          <Nobody query={query} onClear={onClear} />
        ) : (
          <div className={page.isPlaceholderData ? layout.stale : undefined} aria-busy={page.isPlaceholderData}>
            <CustomerTable customers={data} />
            <Pager cursor={cursor} next={next_cursor} isOld={page.isPlaceholderData} of={customersText.of} />
          </div>
        )
      }
    </QueryBoundary>
  );
}

function Nobody({ query, onClear }: { query: string; onClear: () => void }) {
  const mayWrite = useCan("POST /api/v1/imports");
  if (query) {
    return (
      <Empty title={customersText.nobody(query)} icon="search">
        <p>{customersText.nobodyText}</p>
        <button type="button" className={button("neutral")} onClick={onClear}>
          {customersText.clearSearch}
        </button>
      </Empty>
    );
  }
  return (
    <Empty title={customersText.none} icon="people">
      <p>{customersText.noneText}</p>
      <div className={layout.actions}>
        {mayWrite && (
          <Link className={button("primary")} to="/imports/new">
            {customersText.import}
          </Link>
        )}
        <Link className={button("neutral")} to="/help">
          {customersText.connect}
        </Link>
      </div>
    </Empty>
  );
}
