/** What of a browser's document {@link file://./page-script.ts} uses; Node's types know no document. */
export interface PageElement {
  textContent: string | null;
  innerHTML: string;
  value: string;
  open: boolean;
  hidden: boolean;
  tabIndex: number;
  readonly dataset: Record<string, string | undefined>;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
  closest(selector: string): PageElement | null;
  setAttribute(name: string, value: string): void;
  getBoundingClientRect(): { left: number; width: number };
  addEventListener(type: string, listener: (event: PageEvent) => void): void;
}

export interface PageEvent {
  readonly clientX: number;
  readonly key: string;
  preventDefault(): void;
}
