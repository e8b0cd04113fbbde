//! `restante ua auto-action advise`: what originators are told of an absence, or of another
//! address (X.420 §20.5).

use clap::{ArgGroup, Args};
use restante_ber::{SetOf, UtcTime};
use restante_client::compose;
use restante_mhs::x411::{ORAddress, ORName};
use restante_mhs::x413::AttributeValue;
use restante_mhs::x420::{
    AbsenceAdvice, ChangeOfAddressAdvice, IPMAutoAdviseRegistrationParameter, IPMSExtension, oids,
};

use super::{Kind, Mailbox, Storing, Which, register};
use crate::time;

/// Tell originators that the user is away, or has another address
///
/// Each of them is told once. A registration takes the place of the one of its kind and number.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("advice").required(true).multiple(true))]
pub(super) struct Advise {
    /// What those are told who write while the user is away
    #[arg(long, group = "advice", value_name = "TEXT")]
    text: Option<String>,
    /// When the user is back
    #[arg(long, group = "advice", value_name = "TIME", value_parser = time::argument)]
    back: Option<UtcTime>,
    /// The user's new address
    #[arg(long, group = "advice", value_name = "O/R-ADDRESS")]
    new_address: Option<ORAddress>,
    /// From when on it is to be used
    #[arg(long, value_name = "TIME", value_parser = time::argument, requires = "new_address")]
    from: Option<UtcTime>,
    /// Each time that somebody writes, not once
    #[arg(long)]
    each_time: bool,
    /// A message to those who do not say that they understand advice
    #[arg(long)]
    by_message: bool,
    /// Register it, but do nothing yet
    #[arg(long)]
    disabled: bool,
    #[command(flatten)]
    storing: Storing,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    mailbox: Mailbox,
}

pub(super) fn run(advise: &Advise) -> anyhow::Result<()> {
    let absent = advise.text.is_some() || advise.back.is_some();
    let absence = absent.then(|| {
        let advice = advise.text.as_deref().map(compose::text);
        let absence = AbsenceAdvice { advice, next_available: advise.back };
        IPMSExtension::new(oids::ID_ON_ABSENCE_ADVICE, &absence)
    });
    let moved = advise.new_address.as_ref().map(|address| {
        let new_address = ORName::from(address.clone()).into();
        let moved = ChangeOfAddressAdvice { new_address, effective_from: advise.from };
        IPMSExtension::new(oids::ID_ON_CHANGE_OF_ADDRESS_ADVICE, &moved)
    });
    let parameter = IPMAutoAdviseRegistrationParameter {
        enabled: !advise.disabled,
        filter: advise.which.filter.clone(),
        advice_notifications: SetOf(absence.into_iter().chain(moved).collect()),
        suppress_subsequent_notifications: !advise.each_time,
        use_ipm_if_an_not_supported: advise.by_message,
        submission_options: advise.storing.options(),
    };
    let parameter = AttributeValue::of(&parameter);
    register(&advise.mailbox, (Kind::Advise, true), advise.which.id, Some(parameter))
}
