//! `restante mta-passwd`: gives the store another password at its MTA (change-credentials, X.411
//! §8.4.1.2, which an MTS-user invokes too), and puts it into the file that the server takes it
//! from. Passwords of users, which their MTA keeps, are theirs to change.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use clap::Args;
use restante_ber::Encode;
use restante_client::{CallOptions, Mta, p3, p3::MtsBind};
use restante_mhs::x411::{ChangeCredentialsArgument, Credentials};
use restante_mhs::x419::mts_access;
use restante_server::config::Config;

use crate::{call, failure::Failure, output, password::PasswordSource};

/// Change the password with which the store binds to its MTA
///
/// It is changed at the MTA, then in the file that mta.password_file names. A server that is
/// running takes it with its next bind.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante mta-passwd --config restante.toml
  restante mta-passwd --config restante.toml --password-file new.txt")]
pub(crate) struct Arguments {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    #[command(flatten)]
    password: PasswordSource,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let config = Config::load(Some(&arguments.config))?;
    let old = config.mta.password()?;
    Ok(change(arguments, &config, &old)?)
}

fn change(arguments: &Arguments, config: &Config, old: &str) -> anyhow::Result<()> {
    let settings = &config.mta;
    let Some(address) = settings.presentation_address.clone() else {
        bail!("the store has no MTA but its own; see mta.presentation_address");
    };
    let Some(name) = settings.initiator_name.clone() else {
        bail!("the store binds in its users' names; see mta.initiator_name");
    };
    let file = &settings.password_file;
    if file.as_os_str().is_empty() {
        bail!("there is no file for a password; see mta.password_file");
    }
    let new = arguments.password.new_password()?;
    let new = String::from_utf8(new).context("the password is no text; passwords are IA5 text")?;
    // Before it is changed anywhere it is seen that it can be kept.
    let kept = beside(file, &new)?;
    let context = settings.application_context;
    let mut bind = MtsBind::message_store(context.edition(), name.into(), old);
    bind.reliable = context.is_reliable();
    let mut options = CallOptions::new(address);
    options.patience = settings.bind_time();
    let argument = ChangeCredentialsArgument {
        old_credentials: Credentials::Simple(old.into()),
        new_credentials: Credentials::Simple(new.as_str().into()),
    };
    let changed = call::run("restante check", async {
        let (mut mta, _) = Mta::bind(options, &bind).await?;
        let operation = mts_access::OP_CHANGE_CREDENTIALS;
        let invocation = p3::of_user(mta.context(), operation, argument.to_rope());
        let invoke_id = mta.connection().invoke(invocation).await?;
        let answer = mta.connection().answer(invoke_id).await?;
        // It is changed, or not, however the association ends.
        mta.unbind().await.ok();
        Ok(answer.into_result(p3::error_text)?)
    });
    if let Err(error) = changed {
        fs::remove_file(&kept).ok();
        return Err(error);
    }
    fs::rename(&kept, file).with_context(|| {
        format!(
            "the MTA has the new password, which is in {}, not yet in its place",
            kept.display()
        )
    })?;
    output::print("changed at the MTA; a server that is running takes it when it is started again")
}

/// A file beside another one, with this password, that the same people may read.
fn beside(file: &Path, password: &str) -> anyhow::Result<PathBuf> {
    let mut name = file.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    let written = fs::copy(file, &new).and_then(|_| fs::write(&new, format!("{password}\n")));
    written.with_context(|| format!("{} can't be written", new.display()))?;
    Ok(new)
}
