import { Page } from "../ui/Page";
import { IngestHelp } from "./IngestHelp";

export default function HelpPage() {
  return (
    <Page title="Help">
      <IngestHelp />
    </Page>
  );
}
