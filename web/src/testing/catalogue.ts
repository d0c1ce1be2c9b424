/** A small catalogue as `GET /segments/fields` gives it, for tests. */

import type { CatalogueEntry } from "../api/types";
import { fieldsOf } from "../audience/fields";

const named = (...names: string[]) => names.map((name) => ({ name, label: name }));

export const CATALOGUE: CatalogueEntry[] = [
  {
    name: "total_spend",
    label: "total spend",
    kind: "money",
    operators: named("=", "<", ">", "between", "in", "null"),
  },
  { name: "last_order_at", label: "last order", kind: "instant", operators: named("=", "<", ">=", "between", "null") },
  { name: "birthday", label: "birthday", kind: "day", operators: named("=", "<", ">=", "null") },
  { name: "days_to_birthday", label: "days to birthday", kind: "number", operators: named("=", "<=", ">") },
  { name: "tags", label: "tags", kind: "tags", operators: named("contains", "in", "null"), values: named("vip") },
  {
    name: "orders",
    label: "orders",
    kind: "orders",
    subproperties: {
      fields: [
        { name: "placed_at", label: "placed", kind: "instant", operators: named("<", ">=") },
        { name: "category", label: "category", kind: "text", operators: named("=", "in"), values: named("shoes") },
      ],
    },
  },
  { name: "name", label: "name", kind: "text", operators: named("=", "contains", "null") },
  { name: "consent", label: "consent", kind: "flag", operators: named("=", "null") },
];

export const FIELDS = fieldsOf(CATALOGUE);
