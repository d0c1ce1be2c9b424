import type { ComponentType } from "react";
import { createBrowserRouter, type RouteObject } from "react-router";

import { useMayOpen } from "../session/pages";
import { loadChunk } from "../ui/loadChunk";
import { Loading } from "../ui/Page";
import { Broken } from "./Broken";
import { Layout } from "./Layout";
import { NotAllowed } from "./NotAllowed";
import { NotFound } from "./NotFound";

/** A page in a chunk of its own, loaded when it is first opened. */
function page(path: string, load: () => Promise<{ default: ComponentType }>): RouteObject {
  return { path, lazy: async () => ({ Component: forWhomItIs(path, (await loadChunk(load)).default) }) };
}

function forWhomItIs(path: string, Content: ComponentType): ComponentType {
  return function Guarded() {
    return useMayOpen()(path) ? <Content /> : <NotAllowed />;
  };
}

export function createRouter() {
  return createBrowserRouter([
    {
      errorElement: <Broken />,
      hydrateFallbackElement: <Loading />,
      children: [
        {
          path: "/sign-in",
          lazy: async () => ({ Component: (await loadChunk(() => import("../signIn/SignIn"))).default }),
        },
        {
          element: <Layout />,
          children: [
            {
              errorElement: <Broken />,
              children: [
                page("/", () => import("../home/Home")),
                page("/customers", () => import("../customers/Customers")),
                page("/customers/:customerKey", () => import("../customers/CustomerPage")),
                page("/imports/new", () => import("../imports/ImportPage")),
                page("/segments", () => import("../segments/Segments")),
                page("/segments/new", () => import("../segments/SegmentPage")),
                page("/segments/:segmentId", () => import("../segments/SegmentPage")),
                page("/campaigns", () => import("../campaigns/list/Campaigns")),
                page("/campaigns/new", () => import("../campaigns/editor/NewCampaign")),
                page("/campaigns/:campaignId", () => import("../campaigns/report/CampaignPage")),
                page("/settings", () => import("../settings/General")),
                page("/settings/members", () => import("../settings/Members")),
                page("/settings/keys", () => import("../settings/ApiKeys")),
                page("/settings/webhooks", () => import("../settings/WebhookSecrets")),
                page("/settings/audit", () => import("../settings/AuditLog")),
                page("/help", () => import("../settings/HelpPage")),
                { path: "*", element: <NotFound /> },
              ],
            },
          ],
        },
      ],
    },
  ]);
}
