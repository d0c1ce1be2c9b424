import { expect, it } from "vitest";

import { spanWords } from "./span";

it.each([
  [0.2, "a second"],
  [40, "40 seconds"],
  [100, "2 minutes"],
  [7_000, "2 hours"],
  [200_000, "3 days"],
])("%d seconds are %s", (seconds, words) => expect(spanWords(seconds)).toBe(words));
