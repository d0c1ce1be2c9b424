import { useQuery } from "@tanstack/react-query";

import { overview } from "../api/endpoints";
import { sampleText } from "../texts/sample";
import { Card } from "../ui/Page";
import { ClearSample } from "./ClearSample";
import { LoadSample } from "./LoadSample";
import { OVERVIEW_KEY } from "./queries";

/** Loads sample data, or clears it where there is some. */
export function SampleCard() {
  const about = useQuery({ queryKey: OVERVIEW_KEY, queryFn: ({ signal }) => overview(signal) }).data;
  if (!about) return null;
  return (
    <Card title={sampleText.help}>
      <p>{about.sample ? sampleText.helpLoaded : sampleText.helpText}</p>
      {about.sample ? <ClearSample /> : <LoadSample />}
    </Card>
  );
}
