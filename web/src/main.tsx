import "./app/tokens.css";
import "./app/base.css";

import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router";

import { createQueryClient } from "./app/queries";
import { createRouter } from "./app/router";
import { watchSession } from "./session/watchSession";
import { watchConnection } from "./ui/connection";

const place = document.getElementById("root");
if (!place) throw new Error("index.html has no #root");

const client = createQueryClient();
watchConnection();
watchSession(client);
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={createRouter()} />
    </QueryClientProvider>
  </StrictMode>,
);
