//! `restante`: the binary. All of it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    restante_cli::main()
}
