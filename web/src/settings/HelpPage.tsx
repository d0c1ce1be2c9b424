import { Link } from "react-router";

import { SampleCard } from "../sample/SampleCard";
import { useMay } from "../session/useSession";
import { settingsText } from "../texts/settings";
import { Card, Page } from "../ui/Page";
import { IngestHelp } from "./IngestHelp";

const { help } = settingsText;

export default function HelpPage() {
  const mayWrite = useMay("marketer");
  return (
    <Page title={help.title} lead={help.lead}>
      <IngestHelp />
      {mayWrite && (
        <div className="halves">
          <Card title={help.files}>
            <p>{help.filesText}</p>
            <Link className="btn btn-outline-secondary" to="/imports/new">
              {help.importAction}
            </Link>
          </Card>
          <SampleCard />
        </div>
      )}
    </Page>
  );
}
