// SPDX-License-Identifier: Apache-2.0
import { Alert, Button } from '@patternfly/react-core';
import { Component, type ReactNode } from 'react';
import { texts } from '../texts';

/** What goes wrong in one part (a file of the console that did not come, a mistake of ours) must not
 * take the page with it. */
export class Boundary extends Component<{ children: ReactNode }, { failed: string | undefined }> {
  override state: { failed: string | undefined } = { failed: undefined };

  static getDerivedStateFromError(error: unknown): { failed: string } {
    return { failed: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    if (this.state.failed === undefined) return this.props.children;
    return (
      <Alert
        isInline
        variant="danger"
        title={texts.errors.part}
        actionLinks={<Button variant="link" isInline onClick={() => window.location.reload()}>{texts.errors.reload}</Button>}
      >
        {this.state.failed}
      </Alert>
    );
  }
}
