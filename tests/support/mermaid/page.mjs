/** The browser page that mermaid believes it runs in. Import this before mermaid, which looks for it when it loads. */

import { JSDOM } from "jsdom";

export const { window } = new JSDOM("<!doctype html><body></body>");

globalThis.window = window;
globalThis.document = window.document;
