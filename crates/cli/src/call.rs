//! How a command calls a store: the options that `ua` and `mta` share, and the runtime in which
//! they wait for it.

use std::{io, path::PathBuf, time::Duration};

use anyhow::{Context, anyhow, bail};
use restante_ber::Decode;
use restante_client::{CallOptions, ClientError, Trace, capture::Capture};
use restante_mhs::x411::SecurityProblem;
use restante_mhs::x419::{
    APPLICATION_CONTEXTS, ApplicationContext, Edition, Protocol, ms_access, mts_access,
};
use restante_osi::{PresentationAddress, RecoveryLimits, RtseOptions, RtseRecovery, x880::Code};

use crate::{draft, password::PasswordSource, time};

/// How long to wait for a connection, a bind or an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// The options of every command that binds to a store.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Association")]
pub(crate) struct Call {
    /// Where the store listens: selectors, host and port (RFC 1278)
    #[arg(long, value_name = "ADDRESS", default_value = "\"3001\"/Internet=127.0.0.1+3001")]
    address: PresentationAddress,
    #[command(flatten)]
    password: PasswordSource,
    /// The edition of the standards whose application-context is asked for: 1988 or 1994
    #[arg(long, value_name = "YEAR", default_value = "1988", value_parser = edition)]
    edition: Edition,
    /// The application-context to ask for by its name in X.419, in place of an edition
    ///
    /// For user agents ms-access-88, ms-access-94, ms-reliable-access-88, ms-reliable-access-94;
    /// for MTAs mts-access-88 and so on, and mts-forced-access-88 and so on, which is what they
    /// ask for otherwise. The reliable ones go over RTSE: what a broken connection interrupts goes
    /// on over another one.
    #[arg(long, value_name = "NAME", conflicts_with = "edition", value_parser = context)]
    context: Option<&'static ApplicationContext>,
    /// With RTSE, the most data between two checkpoints, in KiB; 0: what the store likes
    #[arg(long, value_name = "KIB", default_value_t = 64)]
    checkpoint: u16,
    /// With RTSE, how many checkpoints may be unconfirmed
    #[arg(long, value_name = "N", default_value_t = 3)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    window: u16,
    /// The largest TPDU proposed, in octets: 128 to 65531 [default: the largest]
    #[arg(long, value_name = "OCTETS", value_parser = tpdu_size)]
    tpdu_size: Option<usize>,
    /// Print each layer's PDUs to standard error; the password is among them
    #[arg(long)]
    trace: bool,
    /// Record the connection, password and all, in a file for tshark and Wireshark
    #[arg(long, value_name = "FILE")]
    capture: Option<PathBuf>,
}

fn edition(text: &str) -> Result<Edition, &'static str> {
    match text {
        "1988" => Ok(Edition::E1988),
        "1994" => Ok(Edition::E1994),
        _ => Err("the editions are 1988 and 1994"),
    }
}

fn context(name: &str) -> Result<&'static ApplicationContext, String> {
    let named = APPLICATION_CONTEXTS.iter().find(|context| context.name == name);
    named.ok_or_else(|| {
        let names: Vec<_> = APPLICATION_CONTEXTS.iter().map(|context| context.name).collect();
        format!("the application-contexts are {}", names.join(", "))
    })
}

fn tpdu_size(text: &str) -> Result<usize, &'static str> {
    match text.parse() {
        Ok(size @ 128..=65_531) => Ok(size),
        _ => Err("a TPDU has 128 to 65531 octets"),
    }
}

impl Call {
    /// The edition to bind in.
    pub(crate) fn edition(&self) -> Edition {
        self.context.map_or(self.edition, |context| context.edition)
    }

    /// The application-context that is asked for by its name, which must be one of a protocol.
    pub(crate) fn context(
        &self,
        protocol: Protocol,
    ) -> anyhow::Result<Option<&'static ApplicationContext>> {
        match self.context {
            Some(context) if context.protocol != protocol => {
                bail!("{} is no application-context of {protocol:?}", context.name)
            }
            context => Ok(context),
        }
    }

    /// The password of whoever binds.
    pub(crate) fn password(&self, who: &str) -> anyhow::Result<String> {
        let password = self.password.password(&format!("Password of {who}: "))?;
        String::from_utf8(password).context("the password is no text; passwords are IA5 text")
    }

    /// What the client library wants to know.
    pub(crate) fn options(&self) -> anyhow::Result<CallOptions> {
        let mut options = CallOptions::new(self.address.clone());
        options.patience = PATIENCE;
        options.tpdu_size = self.tpdu_size;
        options.rtse = RtseOptions {
            checkpoint_size: self.checkpoint,
            window_size: self.window,
            recovery: recovery(1),
            ..RtseOptions::default()
        };
        if self.trace {
            options.tracer = Some(Box::new(Trace::new(io::stderr())));
        }
        if let Some(path) = &self.capture {
            let capture = Capture::create(path);
            options.capture = Some(
                capture
                    .with_context(|| format!("the capture {} can't be made", path.display()))?,
            );
        }
        Ok(options)
    }
}

/// Keeps so many associations of this process whose connections are lost.
pub(crate) fn recovery(associations: usize) -> RtseRecovery {
    let limits = RecoveryLimits {
        associations,
        associations_per_peer: associations,
        octets: usize::MAX,
        keep_time: PATIENCE,
    };
    RtseRecovery::new(&draft::local_identifier(time::now(), 0), time::now(), limits)
}

/// Runs what waits for a store. `names` is how to see who may bind.
pub(crate) fn run<T>(
    names: &str,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(work).map_err(|error| {
        match error.downcast_ref().and_then(|error| advice(error, names)) {
            Some(advice) => anyhow!("{error:#}; {advice}"),
            None => error,
        }
    })
}

/// Whether the association is as good as before after this error.
pub(crate) fn is_answer(error: &anyhow::Error) -> bool {
    // What is no error of the client library is one of ours, such as an entry that was not found.
    match error.downcast_ref() {
        Some(ClientError::Operation(_) | ClientError::Rejected(_)) | None => true,
        Some(_) => false,
    }
}

/// What to do about an error of the store.
fn advice(error: &ClientError, names: &str) -> Option<String> {
    let operation = match error {
        ClientError::BindRefused(_) => {
            let question = "is the password right, and does the store know the name?";
            return Some(format!("{question} See: {names}"));
        }
        ClientError::Operation(operation) => operation,
        _ => return None,
    };
    match operation.code {
        Code::Local(ms_access::ERR_SEQUENCE_NUMBER_ERROR) => {
            Some("see what there is with: restante ua list".to_owned())
        }
        Code::Local(mts_access::ERR_SECURITY_ERROR) => {
            let problem = SecurityProblem::from_bytes(operation.parameter.as_ref()?).ok()?;
            let unknown = problem == SecurityProblem::UNAUTHORISED_RECIPIENT_NAME;
            unknown.then(|| "is that a user of the store? See: restante user list".to_owned())
        }
        _ => None,
    }
}
