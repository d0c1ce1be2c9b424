import { hashKey, QueryClient } from "@tanstack/react-query";
import { expect, it } from "vitest";

import { customerQuery, customersQuery } from "./customers";
import { keys } from "./keys";

it("keeps a page of a search apart from a record that is named like the search and the page", () => {
  const client = new QueryClient();
  const secondPage = customersQuery("one", "C-25");
  client.setQueryData(secondPage.queryKey, { data: [], next_cursor: null });
  expect(client.getQueryData(customerQuery("C-25").queryKey)).toBeUndefined();
});

it("begins each key with its area, which is what predicates ask for", () => {
  for (const [area, kinds] of Object.entries(keys)) {
    for (const key of Object.values(kinds)) expect((typeof key === "function" ? key("a" as never) : key)[0]).toBe(area);
  }
});

it("gives no key twice", () => {
  const all = Object.values(keys).flatMap((kinds) => Object.values(kinds));
  const hashes = all.map((key: readonly unknown[] | ((...given: never[]) => readonly unknown[])) =>
    hashKey(typeof key === "function" ? key(...(["one", "list", "list", "list"] as never[])) : key),
  );
  expect(new Set(hashes).size).toBe(all.length);
});
