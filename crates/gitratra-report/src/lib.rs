//! Reports as HTML, Markdown and PDF, made without a browser.
