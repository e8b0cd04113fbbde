//! `restante resync`: the index compared with the log and put right, while the store serves.

use serde_json::json;

use crate::{failure::Failure, remote::Remote};

/// Compare the index with the log, and put it right, while the store serves
///
/// Entries that the index lacks are made, those that the log does not have are removed.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Example:
  restante resync --user night --password-file night.txt

Exit codes: 0 done, 1 it could not be done, 2 the command line is wrong.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    remote: Remote,
    /// Read at most so much of the log in a second, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 64)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    rate: u32,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let rate = u64::from(arguments.rate) << 20;
    super::run(&arguments.remote, &json!({ "kind": "resync", "octets_per_second": rate }), false)
}
