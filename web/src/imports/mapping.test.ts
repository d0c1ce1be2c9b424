import { expect, it } from "vitest";

import { faultsOf, guessed, withField } from "./mapping";

const column = (name: string, field: string | null) => ({ name, field, samples: [], attribute: null });
const fields = [
  { name: "customer_id", label: "Customer id", required: true },
  { name: "email", label: "E-mail", required: false },
];

it("begins with what was guessed, each field once", () => {
  const columns = [column("Id", "customer_id"), column("Mail", "email"), column("Mail 2", "email"), column("X", null)];
  expect(guessed({ columns })).toEqual({ Id: "customer_id", Mail: "email" });
});

it("changes one column and leaves the others", () => {
  expect(withField({ Id: "customer_id" }, "Mail", "email")).toEqual({ Id: "customer_id", Mail: "email" });
  expect(withField({ Id: "customer_id", Mail: "email" }, "Mail", null)).toEqual({ Id: "customer_id" });
});

it("names what is lacking and what is there twice", () => {
  expect(faultsOf({ fields }, { Mail: "email" })).toEqual({ missing: ["Customer id"], twice: [] });
  expect(faultsOf({ fields }, { Id: "customer_id", A: "email", B: "email" })).toEqual({
    missing: [],
    twice: ["E-mail"],
  });
});
