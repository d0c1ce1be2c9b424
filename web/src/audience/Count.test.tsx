import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";

import type { Preview, Role } from "../api/types";
import { App } from "../testing/App";
import { audienceText as text } from "../texts/audience";
import { Count } from "./Count";

afterEach(cleanup);

const somebody = { key: "k", customer_id: "C-1", name: "Mira", total_spend: 0, reason: null };

function show(role: Role, matched: number, sample: unknown[]) {
  const preview = { matched, reachable: 0, excluded: {}, total: 9, as_of: "2026-01-01", sample, description: "" };
  render(
    <App as={role}>
      <Count
        preview={preview as unknown as Preview}
        counting={false}
        error={null}
        retry={() => null}
        unfinished={false}
        channel="simulator"
      />
    </App>,
  );
}

it("says to a viewer that their role does not show who is in", () => {
  show("viewer", 3, []);
  expect(screen.queryByText(text.sampleWithheld)).not.toBeNull();
  expect(screen.queryByLabelText(text.sampleLabel)).toBeNull();
});

it("shows a marketer some of the people", () => {
  show("marketer", 3, [somebody]);
  expect(screen.queryByText(text.sampleWithheld)).toBeNull();
  expect(screen.queryByText("Mira")).not.toBeNull();
});

it("shows nothing of nobody", () => {
  show("viewer", 0, []);
  expect(screen.queryByText(text.sampleWithheld)).toBeNull();
});
