import { Component, type ReactNode } from "react";
import { Button } from "@/components/button";
import { Card } from "@/components/page";
import { useText } from "@/i18n/text";
import { commonTexts } from "@/locales/common";

interface Props {
  children: ReactNode;
}

/** A screen that fails, or cannot be loaded since the server has a newer page. */
export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <Crashed /> : this.props.children;
  }
}

function Crashed() {
  const t = useText(commonTexts);
  return (
    <div role="alert" className="grid min-h-96 p-4">
      <Card title={t("crashed_title")}>
        <p className="mt-3 text-soft">{t("crashed")}</p>
        <Button className="mt-7 w-full" onClick={() => location.reload()}>
          {t("reload")}
        </Button>
      </Card>
    </div>
  );
}
