//! The `restante` command, built with the suite that tests it.

fn main() -> std::process::ExitCode {
    restante_cli::main()
}
