import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";

import { api, dataOf } from "../api/http";
import { type Call, serve } from "../testing/server";
import { QueryBoundary } from "./QueryBoundary";

const READ = "GET /api/v1/segments";

function Names() {
  const query = useQuery({
    queryKey: ["names"],
    queryFn: () => dataOf(api.GET("/api/v1/segments", { params: { query: {} } })),
  });
  return (
    <QueryBoundary query={query} failure="The names could not be loaded">
      {() => <p>All names</p>}
    </QueryBoundary>
  );
}

function show(): void {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <Names />
    </QueryClientProvider>,
  );
}

function failing(times: number, status: number): Call[] {
  const calls = serve({
    [READ]: () =>
      calls.length > times
        ? { json: { data: [], next_cursor: null } }
        : { status, json: { detail: "The database does not answer." }, headers: { "Retry-After": "1" } },
  });
  return calls;
}

it("says that the database is away, and shows what it says once it is back", async () => {
  const calls = failing(2, 503);
  show();
  expect(await screen.findByText(/The database does not answer/)).toBeTruthy();
  expect(screen.getByRole("button", { name: "Try again" })).toBeTruthy();
  expect(await screen.findByText("All names", undefined, { timeout: 10_000 })).toBeTruthy();
  expect(calls).toHaveLength(3);
  expect(screen.queryByText(/does not answer/)).toBeNull();
}, 20_000);

it("does not ask again for what will be refused again", async () => {
  const calls = failing(9, 403);
  show();
  expect(await screen.findByText("The names could not be loaded")).toBeTruthy();
  await new Promise((done) => setTimeout(done, 1_500));
  expect(calls).toHaveLength(1);
});
