import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { createMemoryRouter, RouterProvider } from "react-router";
import { afterEach, expect, it, vi } from "vitest";

import { signedIn } from "../testing/App";
import { serve } from "../testing/server";
import Customers from "./Customers";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function Ann() {
  return <h1>Ann</h1>;
}

const SLOWER_THAN_TYPING_MS = 500;

it("leads to the customer who is chosen right after typing", async () => {
  serve({ "POST /api/v1/customers/search": () => ({ json: { data: [], next_cursor: null } }) });
  const slowly = new Promise((resolve) => setTimeout(resolve, SLOWER_THAN_TYPING_MS));
  const router = createMemoryRouter(
    [
      { path: "/customers", Component: Customers },
      { path: "/customers/:key", lazy: () => slowly.then(() => ({ Component: Ann })) },
    ],
    { initialEntries: ["/customers"] },
  );
  render(
    <QueryClientProvider client={signedIn("marketer")}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );

  fireEvent.change(screen.getByRole("searchbox"), { target: { value: "Ann" } });
  void router.navigate("/customers/ann");

  expect(await screen.findByRole("heading", { name: "Ann" }, { timeout: 3_000 })).toBeTruthy();
  expect(router.state.location.pathname).toBe("/customers/ann");
});
