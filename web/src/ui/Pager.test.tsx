import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { Pager } from "./Pager";
import { useCursor } from "./useCursor";

/** Pages "1" to "4", of which the one named `shown` is there. */
function Pages({ shown }: { shown: number }) {
  const cursor = useCursor();
  const asked = Number(cursor.cursor ?? "1");
  return (
    <>
      <p>asked for {asked}</p>
      <Pager cursor={cursor} next={shown < 4 ? String(shown + 1) : null} isOld={asked !== shown} of="pages" />
    </>
  );
}

afterEach(cleanup);

const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));

test("keeps a press for a page that is not there yet", () => {
  const { rerender } = render(<Pages shown={1} />);
  press("Next");
  press("Next");
  expect(screen.getByText("asked for 2")).toBeTruthy();
  rerender(<Pages shown={2} />);
  expect(screen.getByText("asked for 3")).toBeTruthy();
  rerender(<Pages shown={3} />);
  expect(screen.getByText("asked for 3")).toBeTruthy();
});

test("skips no page where next follows previous before that page is there", () => {
  const { rerender } = render(<Pages shown={1} />);
  press("Next");
  rerender(<Pages shown={2} />);
  press("Previous");
  press("Next");
  expect(screen.getByText("asked for 1")).toBeTruthy();
  rerender(<Pages shown={1} />);
  expect(screen.getByText("asked for 2")).toBeTruthy();
});

test("forgets a press once another way is taken", () => {
  const { rerender } = render(<Pages shown={1} />);
  press("Next");
  press("Next");
  press("Previous");
  rerender(<Pages shown={1} />);
  expect(screen.getByText("asked for 1")).toBeTruthy();
});
