import { Link } from "react-router";

import { SampleCard } from "../sample/SampleCard";
import { useCan } from "../session/useSession";
import { settingsText } from "../texts/settings";
import { button } from "../ui/button";
import layout from "../ui/layout.module.css";
import { Card, Page } from "../ui/Page";
import { IngestHelp } from "./IngestHelp";

const { help } = settingsText;

export default function HelpPage() {
  const mayWrite = useCan("POST /api/v1/imports");
  return (
    <Page title={help.title} lead={help.lead}>
      <IngestHelp />
      {mayWrite && (
        <div className={layout.halves}>
          <Card title={help.files}>
            <p>{help.filesText}</p>
            <Link className={button("neutral")} to="/imports/new">
              {help.importAction}
            </Link>
          </Card>
          <SampleCard />
        </div>
      )}
    </Page>
  );
}
