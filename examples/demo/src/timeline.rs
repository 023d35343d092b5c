//! What is printed: one line per thing that happens, with the milliseconds since the start.

use std::time::Instant;

/// Prints what happens.
#[derive(Clone, Copy)]
pub(crate) struct Timeline {
    start: Instant,
}

impl Timeline {
    pub(crate) fn start() -> Self {
        Self {
            start: Instant::now(),
        }
    }

    fn line(&self, sign: &str, text: &str) {
        println!(
            "{:>6} ms  {sign:<9} {text}",
            self.start.elapsed().as_millis()
        );
    }

    pub(crate) fn step(&self, what: &str) {
        println!("\n{what}");
    }

    pub(crate) fn request(&self, text: &str) {
        self.line("request", text);
    }

    pub(crate) fn answer(&self, text: &str) {
        self.line("  answer", text);
    }

    pub(crate) fn refused(&self, text: &str) {
        self.line("  refused", text);
    }

    pub(crate) fn webhook(&self, text: &str) {
        self.line("  webhook", text);
    }

    pub(crate) fn state(&self, text: &str) {
        self.line("  state", text);
    }

    pub(crate) fn note(&self, text: &str) {
        self.line("", text);
    }

    pub(crate) fn end(&self, text: &str) {
        println!();
        self.line("done", text);
    }
}
