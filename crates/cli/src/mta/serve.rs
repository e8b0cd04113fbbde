//! `restante mta serve`: an MTA that takes what stores submit (X.411 §8.2). What becomes of it is
//! what its command line says: it routes nothing.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, anyhow};
use clap::Args;
use restante_ber::{Any, Decode, Encode, Rope, UtcTime};
use restante_client::{
    Asking, ClientError, Indication, ListenOptions, Mta, Trace, capture::Capture, compose,
};
use restante_mhs::x411::{
    Extensions, MTSAbstractError, MTSBindError, MTSIdentifier, MessageSubmissionArgument,
    MessageSubmissionEnvelope, MessageSubmissionResult, ORAddress, ORName, ObjectName,
    ProbeSubmissionEnvelope, ProbeSubmissionResult, SecurityProblem,
};
use restante_mhs::x419::mts_access;
use restante_osi::{
    PresentationAddress, RtseOptions,
    x880::{Code, InvokeProblem},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

use super::control::Controls;
use crate::{call::recovery, draft, output, password::PasswordSource, time};

/// Take what stores submit
///
/// Listens, prints a line for each message and probe, and answers as it is told. The store must be
/// configured to submit to it: see [mta] in its configuration file. Any store may bind.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  restante mta serve --mta mta1 --listen Internet=127.0.0.1+3005
  restante mta serve --mta mta1 --listen \"…\" --loop --save messages
  restante mta serve --mta mta1 --listen \"…\" --answer recipient-improperly-specified
  restante mta serve --mta mta1 --listen \"…\" --answer silence --count 1
  restante mta serve --mta mta1 --listen \"…\" --delay 90")]
pub(super) struct Arguments {
    /// The MTA-name with which to answer
    #[arg(long, value_name = "NAME")]
    mta: String,
    /// Where to listen; a port of 0 is one that is free
    #[arg(long, value_name = "ADDRESS", default_value = "Internet=127.0.0.1+3005")]
    listen: PresentationAddress,
    /// A file whose first line is the password with which to answer; none is an empty password
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// How to answer: result, silence, reject, refuse (the bind), cut (the connection), or an
    /// error by name or code
    #[arg(long, default_value = "result", value_parser = answer)]
    answer: Answer,
    /// Answer only after so many seconds; what comes meanwhile on the association waits
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    delay: u32,
    /// Deliver what is taken back over the same association, to each of its recipients
    #[arg(long = "loop")]
    loops: bool,
    #[command(flatten)]
    controls: Controls,
    /// Save the contents of what is taken in this directory
    #[arg(long, value_name = "DIRECTORY")]
    save: Option<PathBuf>,
    /// End after so many messages, probes and cancellations
    #[arg(long, value_name = "N")]
    count: Option<u32>,
    /// Print each layer's PDUs to standard error; passwords are among them
    #[arg(long)]
    trace: bool,
    /// Record the connections, passwords and all, in a file for tshark and Wireshark
    #[arg(long, value_name = "FILE")]
    capture: Option<PathBuf>,
}

#[derive(Clone, Debug)]
enum Answer {
    Result,
    Silence,
    Reject,
    Refuse,
    Cut,
    /// An error by its code.
    Error(i64),
}

/// The errors of submission.
const ERRORS: &[i64] = &[1, 2, 3, 4, 7, 8, 11, 12, 13];

fn answer(text: &str) -> Result<Answer, String> {
    let named = |code: &&i64| {
        error(**code, Vec::new()).is_some_and(|error| error.to_string().starts_with(text))
    };
    match (text, text.parse::<i64>()) {
        ("result", _) => Ok(Answer::Result),
        ("silence", _) => Ok(Answer::Silence),
        ("reject", _) => Ok(Answer::Reject),
        ("refuse", _) => Ok(Answer::Refuse),
        ("cut", _) => Ok(Answer::Cut),
        (_, Ok(code)) if ERRORS.contains(&code) => Ok(Answer::Error(code)),
        _ => match ERRORS.iter().find(named) {
            Some(code) => Ok(Answer::Error(*code)),
            None => Err(
                "say result, silence, reject, refuse, cut, or an error of submission, such as \
                         originator-invalid"
                    .to_owned(),
            ),
        },
    }
}

/// An error with a parameter that is of its type.
fn error(code: i64, recipients: Vec<ORName>) -> Option<MTSAbstractError> {
    let parameter = match code {
        mts_access::ERR_RECIPIENT_IMPROPERLY_SPECIFIED => Any::of(&recipients),
        mts_access::ERR_SECURITY_ERROR => Any::of(&SecurityProblem::UNAUTHORISED_RECIPIENT_NAME),
        _ => Any::of(&restante_ber::Null),
    };
    MTSAbstractError::of_parts(code, Some(&parameter)).ok()
}

pub(super) fn run(arguments: Arguments) -> anyhow::Result<()> {
    let password = match &arguments.password_file {
        Some(path) => PasswordSource::of_file(path.clone()).password("")?,
        None => Vec::new(),
    };
    let password = String::from_utf8(password).context("the password is no text")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let rtse = RtseOptions { recovery: recovery(RECOVERABLE), ..RtseOptions::default() };
    runtime.block_on(serve(Arc::new(Serving { arguments, password, rtse })))
}

/// What all connections share.
struct Serving {
    arguments: Arguments,
    password: String,
    /// Over RTSE, whose transfers go on over another connection.
    rtse: RtseOptions,
}

/// Associations that are kept when their connections are lost.
const RECOVERABLE: usize = 64;

async fn serve(serving: Arc<Serving>) -> anyhow::Result<()> {
    let arguments = &serving.arguments;
    let network = arguments.listen.networks.first().context("--listen names no host and port")?;
    let listener = TcpListener::bind((network.host.as_str(), network.port))
        .await
        .with_context(|| format!("{network} can't be listened on"))?;
    let capture = arguments.capture.as_deref().map(Capture::create).transpose()?;
    output::print(&format!("listening on {}", listener.local_addr()?))?;
    let (served, mut done) = mpsc::unbounded_channel();
    let mut left = arguments.count;
    while left != Some(0) {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, peer) = accepted?;
                let (serving, served) = (serving.clone(), served.clone());
                let capture = capture.clone();
                tokio::spawn(async move {
                    if let Err(error) = connection(&serving, stream, capture, &served).await {
                        output::remark(&format!("{peer}: {error:#}"));
                    }
                });
            }
            Some(()) = done.recv() => left = left.map(|left| left - 1),
        }
    }
    Ok(())
}

async fn connection(
    serving: &Serving,
    stream: TcpStream,
    capture: Option<Capture>,
    served: &mpsc::UnboundedSender<()>,
) -> anyhow::Result<()> {
    let rtse = serving.rtse.clone();
    let mut options = ListenOptions { capture, rtse, ..ListenOptions::default() };
    if serving.arguments.trace {
        options.tracer = Some(Box::new(Trace::new(io::stderr())));
    }
    let asking = Asking::over(stream, options).await?;
    let who = match &asking.argument.initiator_name {
        ObjectName::MTA(name) => format!("MTA {name}"),
        ObjectName::UserAgent(name) => format!("user {name}"),
        ObjectName::MessageStore(name) => format!("store of {name}"),
    };
    if let Answer::Refuse = serving.arguments.answer {
        output::print(&format!("{who}: bind refused"))?;
        served.send(())?;
        return Ok(asking.refuse(MTSBindError::AUTHENTICATION_ERROR).await?);
    }
    let mut user = asking.accept(&serving.arguments.mta, &serving.password).await?;
    output::print(&format!("{who}: bound"))?;
    if user.is_sending() {
        // An answer that a lost connection interrupted.
        user.sent().await?;
        served.send(())?;
    }
    serving.arguments.controls.tell(&mut user).await?;
    loop {
        let indication = match user.next().await {
            Err(ClientError::Ended) => return output::print(&format!("{who}: unbound")),
            indication => indication?,
        };
        operation(serving, &mut user, &indication).await?;
        user.sent().await?;
        served.send(())?;
        if let Answer::Cut = serving.arguments.answer {
            return output::print(&format!("{who}: cut"));
        }
    }
}

/// What was submitted, and the result that it has.
struct Taken {
    /// For people.
    text: String,
    recipients: Vec<ORName>,
    result: Rope,
    message: Option<(MessageSubmissionEnvelope, Rope)>,
    identifier: MTSIdentifier,
}

async fn operation(
    serving: &Serving,
    user: &mut Mta,
    indication: &Indication,
) -> anyhow::Result<()> {
    let now = time::now();
    let invoke_id = indication.invoke_id;
    let taken = match taken(indication, now) {
        Ok(taken) => taken,
        Err(error) => {
            output::print(&format!("rejected: {error:#}"))?;
            return Ok(user.reject(invoke_id, InvokeProblem::MISTYPED_ARGUMENT).await?);
        }
    };
    output::print(&taken.text)?;
    tokio::time::sleep(Duration::from_secs(u64::from(serving.arguments.delay))).await;
    match serving.arguments.answer {
        Answer::Result => user.result(invoke_id, taken.result).await?,
        // Refused binds have no operations.
        Answer::Silence | Answer::Refuse | Answer::Cut => return Ok(()),
        Answer::Reject => {
            return Ok(user.reject(invoke_id, InvokeProblem::RESOURCE_LIMITATION).await?);
        }
        Answer::Error(code) => {
            let error = error(code, taken.recipients).context("no such error")?;
            return Ok(user.error(invoke_id, &error).await?);
        }
    }
    let Some((envelope, content)) = taken.message else { return Ok(()) };
    if let Some(directory) = &serving.arguments.save {
        save(directory, &taken.identifier, &content)?;
    }
    if serving.arguments.loops {
        deliver_back(user, &taken.identifier, envelope, content, now).await?;
    }
    Ok(())
}

fn taken(indication: &Indication, now: UtcTime) -> anyhow::Result<Taken> {
    let octets = indication.argument.clone().unwrap_or_default();
    let Code::Local(code) = indication.operation else { return Err(anyhow!("no operation")) };
    Ok(match code {
        mts_access::OP_MESSAGE_SUBMISSION => {
            let argument = MessageSubmissionArgument::from_bytes(&octets)?;
            let envelope = argument.envelope.into_value();
            let identifier = identifier(&envelope.originator_name);
            let names = envelope.per_recipient_fields.iter().map(|f| f.recipient_name.clone());
            let recipients: Vec<_> = names.collect();
            let result = MessageSubmissionResult {
                message_submission_identifier: identifier.clone(),
                message_submission_time: now,
                content_identifier: envelope.content_identifier.clone(),
                extensions: Extensions::default(),
            };
            let (from, octets) = (&envelope.originator_name, argument.content.len());
            let text = format!(
                "message {identifier} from {from} to {}: {octets} octets",
                all(&recipients)
            );
            let message = Some((envelope, argument.content));
            Taken { text, recipients, result: result.to_rope(), message, identifier }
        }
        mts_access::OP_PROBE_SUBMISSION => {
            let envelope = ProbeSubmissionEnvelope::from_bytes(&octets)?;
            let identifier = identifier(&envelope.originator_name);
            let names = envelope.per_recipient_fields.iter().map(|f| f.recipient_name.clone());
            let recipients: Vec<_> = names.collect();
            let result = ProbeSubmissionResult {
                probe_submission_identifier: identifier.clone(),
                probe_submission_time: now,
                content_identifier: envelope.content_identifier.clone(),
                extensions: Extensions::default(),
            };
            let text = format!(
                "probe {identifier} from {} to {}",
                envelope.originator_name,
                all(&recipients)
            );
            Taken { text, recipients, result: result.to_rope(), message: None, identifier }
        }
        mts_access::OP_CANCEL_DEFERRED_DELIVERY => {
            let identifier = MTSIdentifier::from_bytes(&octets)?;
            let text = format!("cancellation of {identifier}");
            let result = restante_ber::Null.to_rope();
            Taken { text, recipients: Vec::new(), result, message: None, identifier }
        }
        mts_access::OP_REGISTER | mts_access::OP_CHANGE_CREDENTIALS => {
            let change = code == mts_access::OP_CHANGE_CREDENTIALS;
            let text = if change { "change of credentials" } else { "registration" };
            let (text, identifier) =
                (text.to_owned(), compose::mts_identifier(&ORAddress::default(), ""));
            let result = restante_ber::Null.to_rope();
            Taken { text, recipients: Vec::new(), result, message: None, identifier }
        }
        other => return Err(anyhow!("operation {other} is none of a store's")),
    })
}

fn all(names: &[ORName]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// An identifier of the originator's domain.
fn identifier(originator: &ORName) -> MTSIdentifier {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let local = draft::local_identifier(time::now(), number);
    compose::mts_identifier(&originator.address, &local)
}

fn save(directory: &Path, identifier: &MTSIdentifier, content: &Rope) -> anyhow::Result<()> {
    let path = directory.join(format!("{}.ber", identifier.local_identifier));
    std::fs::create_dir_all(directory)
        .and_then(|()| std::fs::write(&path, content.to_bytes()))
        .with_context(|| format!("{} can't be written", path.display()))
}

/// Delivers a message to each of its recipients; says whom the store does not take it for.
async fn deliver_back(
    user: &mut Mta,
    identifier: &MTSIdentifier,
    envelope: MessageSubmissionEnvelope,
    content: Rope,
    now: UtcTime,
) -> anyhow::Result<()> {
    for recipient in envelope.per_recipient_fields {
        let to = recipient.recipient_name;
        let from = envelope.originator_name.clone();
        let mut delivery =
            compose::delivery(identifier.clone(), from, to.clone(), content.clone(), now);
        let fields = &mut delivery.other_fields;
        fields.priority = envelope.priority;
        fields.content_type = envelope.content_type.clone().into();
        fields.content_identifier = envelope.content_identifier.clone();
        fields.original_encoded_information_types =
            envelope.original_encoded_information_types.clone();
        match user.deliver(delivery.to_rope()).await {
            Ok(_) => output::print(&format!("delivered to {to}"))?,
            Err(ClientError::Operation(error)) => {
                output::print(&format!("not delivered to {to}: {}", error.text))?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
