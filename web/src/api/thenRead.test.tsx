import { QueryClientProvider, useMutation } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";

import { createQueryClient } from "../app/queries";
import { thenRead } from "./thenRead";

afterEach(cleanup);

function Writer({ write, read }: { write: () => Promise<unknown>; read: () => Promise<unknown> }) {
  const { mutate, status } = useMutation({ mutationFn: write, onSettled: thenRead(read) });
  return (
    <button type="button" onClick={() => mutate()}>
      {status}
    </button>
  );
}

function press(write: () => Promise<unknown>, read: () => Promise<unknown>) {
  render(
    <QueryClientProvider client={createQueryClient()}>
      <Writer write={write} read={read} />
    </QueryClientProvider>,
  );
  fireEvent.click(screen.getByRole("button"));
}

it("shows an error at once, however long reading takes", async () => {
  press(
    () => Promise.reject(new Error("No connection.")),
    () => new Promise(() => undefined),
  );
  expect(await screen.findByText("error")).toBeTruthy();
});

it("calls a write pending until what it changed was read", async () => {
  let answer: (value: unknown) => void = () => undefined;
  const read = new Promise((resolve) => {
    answer = resolve;
  });
  press(
    () => Promise.resolve(),
    () => read,
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(screen.getByText("pending")).toBeTruthy();
  answer(null);
  expect(await screen.findByText("success")).toBeTruthy();
});
