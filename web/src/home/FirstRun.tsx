import type { ReactNode } from "react";
import { Link } from "react-router";

import { LoadSample } from "../sample/LoadSample";
import { useMay } from "../session/useSession";
import { homeText } from "../texts/home";
import { Icon, type IconName } from "../ui/Icon";
import { Card, Empty } from "../ui/Page";

/** Nobody is here yet: three ways to begin. */
export function FirstRun() {
  const { first } = homeText;
  const mayWrite = useMay("marketer");
  return (
    <Card title={first.title} lead={first.text}>
      {mayWrite ? (
        <div className="ways">
          <Way icon="people" title={first.sampleTitle} text={first.sampleText}>
            <LoadSample primary />
          </Way>
          <Way icon="import" title={first.importTitle} text={first.importText}>
            <Link className="btn btn-outline-secondary" to="/imports/new">
              {first.importAction}
            </Link>
          </Way>
          <Way icon="key" title={first.connectTitle} text={first.connectText}>
            <Link className="btn btn-outline-secondary" to="/help">
              {first.connectAction}
            </Link>
          </Way>
        </div>
      ) : (
        <Empty title={first.viewer} icon="people" />
      )}
    </Card>
  );
}

function Way({ icon, title, text, children }: { icon: IconName; title: string; text: string; children: ReactNode }) {
  return (
    <div className="way">
      <span className="empty-icon">
        <Icon name={icon} />
      </span>
      <h3>{title}</h3>
      <p>{text}</p>
      {children}
    </div>
  );
}
