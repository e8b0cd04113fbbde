//! What the demo tells: steps, what they show, and whether each is as it should be.

use crate::output::print;

/// The story so far.
#[derive(Debug, Default)]
pub(super) struct Story {
    steps: u32,
    passed: u32,
    failed: u32,
}

impl Story {
    /// Begins a step.
    pub(super) fn step(&mut self, title: &str, explanation: &str) -> anyhow::Result<()> {
        self.steps += 1;
        print(&format!("\n{}. {title}", self.steps))?;
        self.say(explanation)
    }

    /// Says or shows something, indented.
    pub(super) fn say(&self, text: &str) -> anyhow::Result<()> {
        let indented = |line: &str| format!("   {line}").trim_end().to_owned();
        let lines: Vec<_> = text.lines().map(indented).collect();
        print(&lines.join("\n"))
    }

    /// Says what should be, and whether it is.
    pub(super) fn check(&mut self, what: &str, is_so: bool) -> anyhow::Result<()> {
        let mark = if is_so { "ok" } else { "WRONG" };
        *(if is_so { &mut self.passed } else { &mut self.failed }) += 1;
        print(&format!("   [{mark}] {what}"))
    }

    /// Ends the story; returns how many checks failed.
    pub(super) fn end(&self) -> anyhow::Result<u32> {
        let Self { passed, failed, .. } = self;
        let all = passed + failed;
        print(&match failed {
            0 => format!("\nAll {all} checks passed."),
            _ => format!("\n{failed} of {all} checks failed."),
        })?;
        Ok(*failed)
    }
}
