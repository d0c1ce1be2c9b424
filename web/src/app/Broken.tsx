import { useRouteError } from "react-router";

import { appText } from "../texts/app";
import { Problem } from "../ui/Problem";

/** What is shown when a page itself fails, for one when its code cannot be loaded any more. */
export function Broken() {
  const error = useRouteError();
  return (
    <div className="py-4">
      <Problem error={error} title={appText.brokenPage} onRetry={() => window.location.reload()} />
    </div>
  );
}
