import { useQuery } from "@tanstack/react-query";

import { overviewQuery } from "../api/overview";
import { useLimits } from "../session/useLimits";
import { sampleText } from "../texts/sample";
import { Card } from "../ui/Page";
import { ClearSample } from "./ClearSample";
import { LoadSample } from "./LoadSample";

/** Loads sample data, or clears it where there is some. */
export function SampleCard() {
  const about = useQuery(overviewQuery).data;
  const limits = useLimits();
  if (!about) return null;
  return (
    <Card title={sampleText.help}>
      <p>{about.sample ? sampleText.helpLoaded : sampleText.helpText(limits?.sample_customers)}</p>
      {about.sample ? <ClearSample /> : <LoadSample />}
    </Card>
  );
}
