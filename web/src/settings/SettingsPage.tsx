import type { ReactNode } from "react";

import { useMayOpen } from "../session/pages";
import { settingsText } from "../texts/settings";
import { Page } from "../ui/Page";
import { Tabs } from "../ui/Tabs";

const { tabs } = settingsText;
const PAGES = [
  { to: "/settings", label: tabs.general },
  { to: "/settings/members", label: tabs.members },
  { to: "/settings/keys", label: tabs.keys },
  { to: "/settings/webhooks", label: tabs.webhooks },
  { to: "/settings/audit", label: tabs.audit },
];

/** The frame of the settings: their pages side by side. */
export function SettingsPage({ tab, children }: { tab: string; children: ReactNode }) {
  const mayOpen = useMayOpen();
  const open = PAGES.filter(({ to }) => mayOpen(to));
  return (
    <Page title={settingsText.title} tab={tab}>
      {open.length > 1 && <Tabs label={tabs.label} items={open} />}
      {children}
    </Page>
  );
}
