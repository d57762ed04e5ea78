/** A view that fails is told in its place: the others, and the moment, go on. */
import { Component, type ComponentChildren } from 'preact';

interface FencedProps {
  /** What is inside, for the message. */
  readonly what: string;
  readonly children: ComponentChildren;
}

interface FencedState {
  readonly fault: string | undefined;
}

export class Fenced extends Component<FencedProps, FencedState> {
  override state: FencedState = { fault: undefined };

  static override getDerivedStateFromError(error: Error): FencedState {
    return { fault: error.message };
  }

  override render({ what, children }: FencedProps, { fault }: FencedState) {
    if (fault === undefined) return children;
    return (
      <div role="alert">
        <p class="bad">
          {what} cannot be drawn here: {fault}
        </p>
        <button type="button" onClick={() => this.setState({ fault: undefined })}>
          Try again
        </button>
      </div>
    );
  }
}
