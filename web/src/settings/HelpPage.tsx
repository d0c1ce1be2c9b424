import { settingsText } from "../texts/settings";
import { Page } from "../ui/Page";
import { IngestHelp } from "./IngestHelp";

const { help } = settingsText;

export default function HelpPage() {
  return (
    <Page title={help.title} lead={help.lead}>
      <IngestHelp />
    </Page>
  );
}
