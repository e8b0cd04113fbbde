//! `restante import`: what a dump of another store holds, brought into this one while it serves.

use serde_json::json;

use crate::{failure::Failure, remote::Remote};

/// Bring the dump of another store into this one while it serves
///
/// Statuses are kept, numbers are new. What came before does not come again, so an import that was
/// cut off is simply started once more.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  restante dump --config standby.toml --output /var/backups/restante/standby
  restante import --user night --source standby --all

Exit codes: 0 done, 1 something of the dump is damaged or it could not be done, 2 the command line
is wrong.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    remote: Remote,
    #[command(flatten)]
    selection: super::Selection,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    super::take(&arguments.remote, "import", &arguments.selection, json!({}))
}
