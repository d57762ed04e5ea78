/** A page in the browser, as a person uses it: by the names that things have on it. */
import axe, { type AxeResults } from 'axe-core';
import type { Locator, Page, Response } from 'playwright-core';

/** What axe-core found wrong. */
export interface Barrier {
  readonly rule: string;
  readonly impact: string;
  readonly elements: readonly string[];
}

export class ShownPage {
  /** Playwright's own, for all that is not here. */
  readonly page: Page;
  /** Errors and warnings of the console, and what was thrown; empty it where they are expected. */
  complaints: string[] = [];
  /** To all that it asked for since it was opened. */
  readonly responses: Response[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    page.on('response', (response) => void this.responses.push(response));
    page.on('pageerror', (error) => void this.complaints.push(error.message));
  }

  /** Waits until the first pass has seen all events; what the page complains of fails the test. */
  async passed(): Promise<void> {
    const alert = this.page.getByRole('alert');
    await this.page.getByText('First pass done').or(alert).first().waitFor();
    if (await alert.isVisible()) throw new Error(await alert.innerText());
  }

  /** Waits until nothing is searched any more, and the views are of the moment that was asked for last. */
  async settled(): Promise<void> {
    await this.page.evaluate(
      'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))',
    );
    await this.page.getByRole('button', { name: 'Stop searching' }).waitFor({ state: 'detached' });
    await this.page.locator('main[aria-busy="false"]').waitFor();
  }

  /** Where one is: the number of the event that the machines meet next. */
  async event(): Promise<number> {
    return Number(await this.page.getByRole('spinbutton', { name: 'Event' }).inputValue());
  }

  async goTo(event: number): Promise<void> {
    const field = this.page.getByRole('spinbutton', { name: 'Event' });
    await field.fill(String(event));
    await field.press('Enter');
    await this.settled();
    await field.blur();
  }

  async press(key: string): Promise<void> {
    await this.page.keyboard.press(key);
    await this.settled();
  }

  async click(button: string): Promise<void> {
    await this.page.getByRole('button', { name: button, exact: true }).click();
    await this.settled();
  }

  /** The views that there are. */
  async panes(): Promise<string[]> {
    return this.page.getByRole('tab').allInnerTexts();
  }

  /** Brings a view to the front. */
  async pane(title: string): Promise<Locator> {
    await this.page.getByRole('tab', { name: title, exact: true }).click();
    return this.page.getByRole('tabpanel', { name: title, exact: true });
  }

  /** What the view's button JSON copies: its models, and of which moment. */
  async paneJson(title: string): Promise<Record<string, unknown>> {
    await this.pane(title);
    await this.settled();
    await this.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await this.page.getByRole('button', { name: `Copy ${title} as JSON`, exact: true }).click();
    const text = await this.page.evaluate<string>('navigator.clipboard.readText()');
    return JSON.parse(text) as Record<string, unknown>;
  }

  /** Whether the page itself, not a part of it, is wider than the screen. */
  async scrollsSideways(): Promise<boolean> {
    return this.page.evaluate<boolean>(
      'document.documentElement.scrollWidth > document.documentElement.clientWidth',
    );
  }

  /** What keeps people from using it, by axe-core: what is serious or critical, by all of its rules or some, in all of it or a part. */
  async barriers(rules?: readonly string[], part = ':root'): Promise<readonly Barrier[]> {
    if (!(await this.page.evaluate<boolean>("'axe' in globalThis"))) await this.page.evaluate(axe.source);
    const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
    const run = `axe.run(${JSON.stringify(part)}, ${JSON.stringify(options)})`;
    const { violations } = await this.page.evaluate<AxeResults>(run);
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, impact, nodes }) => ({
        rule: id,
        impact: impact!,
        elements: nodes.map(({ html }) => html),
      }));
  }
}
