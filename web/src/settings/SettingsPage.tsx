import type { ReactNode } from "react";

import { useMay } from "../session/useSession";
import { settingsText } from "../texts/settings";
import { Page } from "../ui/Page";
import { Tabs } from "../ui/Tabs";

const { tabs } = settingsText;
const GENERAL = { to: "/settings", label: tabs.general };
const FOR_ADMINS = [
  { to: "/settings/members", label: tabs.members },
  { to: "/settings/keys", label: tabs.keys },
  { to: "/settings/webhooks", label: tabs.webhooks },
  { to: "/settings/audit", label: tabs.audit },
];

/** The frame of the settings: their pages side by side. */
export function SettingsPage({ tab, children }: { tab: string; children: ReactNode }) {
  const isAdmin = useMay("admin");
  return (
    <Page title={settingsText.title} tab={tab}>
      {isAdmin && <Tabs label={tabs.label} items={[GENERAL, ...FOR_ADMINS]} />}
      {children}
    </Page>
  );
}
