import { Page } from "../ui/Page";
import { useMay } from "../session/useSession";
import { ApiKeys } from "./ApiKeys";
import { IngestHelp } from "./IngestHelp";

export default function Settings() {
  const isAdmin = useMay("admin");
  return (
    <Page title="Settings" lead="How your systems send customers and orders.">
      <div className="halves">
        {isAdmin ? <ApiKeys /> : <p>Administrators make and revoke API keys here.</p>}
        <IngestHelp />
      </div>
    </Page>
  );
}
