import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

type Props = { of?: unknown; children: ReactNode };
/** `of`: of what is shown. */
type State = { error: Error | undefined; of: unknown };

/**
 * A part of the page that may fail alone: it says so, and what to do. When `of` changes it is shown anew. A class, for React
 * tells of faults in no other way.
 */
export class Guarded extends Component<Props, State> {
  override state: State = { error: undefined, of: this.props.of };

  static getDerivedStateFromError(thrown: unknown): Pick<State, "error"> {
    return { error: thrown instanceof Error ? thrown : new Error(String(thrown)) };
  }

  static getDerivedStateFromProps({ of }: Props, state: State): State | null {
    return state.of === of ? null : { error: undefined, of };
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error ? <Broken error={error} again={() => this.setState({ error: undefined })} /> : this.props.children;
  }
}

function Broken({ error, again }: { error: Error; again: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="broken" role="alert">
      <p className="empty-title">{t("broken.title")}</p>
      <p className="muted">{t("broken.hint")}</p>
      <p className="about-buttons">
        <button type="button" className="button button-main" onClick={again}>
          {t("app.retry")}
        </button>
        <button type="button" className="button" onClick={() => location.reload()}>
          {t("broken.reload")}
        </button>
      </p>
      <details>
        <summary>{t("broken.details")}</summary>
        <code>{error.message}</code>
      </details>
    </div>
  );
}
