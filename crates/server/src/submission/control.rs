//! Submission-control (X.411 §8.2.1.4): what the MTA allows to be submitted on an association
//! until it says otherwise or the association ends. What it does not allow is not sent, and not
//! kept back either: its user is told submission-control-violated.

use std::fmt;

use bytes::Bytes;
use restante_ber::{Decode, Encode};
use restante_mhs::{
    x411::{Operations, Priority, SubmissionControlArgument, Waiting},
    x419::{Port, mts_access},
};
use restante_ms::{InvokeProblem, Reply};

use super::pool::Job;

/// The controls in force.
#[derive(Debug, Default)]
pub(crate) struct Controls {
    operations: Option<Operations>,
    content_length: Option<i64>,
    lowest_priority: Option<Priority>,
}

impl Controls {
    /// Takes what the MTA invokes; what it is answered.
    pub(crate) fn set(&mut self, argument: Option<&Bytes>) -> Result<Reply, InvokeProblem> {
        let argument = argument.and_then(|octets| {
            // What is not looked at here, a security context, restricts nothing.
            SubmissionControlArgument::from_bytes(octets).ok()
        });
        let argument = argument.ok_or(InvokeProblem::MistypedArgument)?;
        if argument.restrict {
            self.operations = argument.permissible_operations.or(self.operations.take());
            self.content_length =
                argument.permissible_maximum_content_length.or(self.content_length);
            self.lowest_priority = argument.permissible_lowest_priority.or(self.lowest_priority);
        } else {
            *self = Self::default();
        }
        Ok(Reply::Result {
            operation: mts_access::OP_SUBMISSION_CONTROL,
            port: Port::Submission,
            // Nothing waits here.
            value: Waiting::default().to_rope(),
        })
    }

    /// Whether an operation may be invoked now.
    pub(crate) fn allow(&self, job: &Job) -> bool {
        let bit = match job.operation {
            mts_access::OP_MESSAGE_SUBMISSION => {
                Operations::MESSAGE_SUBMISSION_OR_MESSAGE_DELIVERY
            }
            mts_access::OP_PROBE_SUBMISSION => Operations::PROBE_SUBMISSION_OR_REPORT_DELIVERY,
            _ => return true,
        };
        let too_long = self
            .content_length
            .is_some_and(|most| u64::try_from(most).is_ok_and(|most| job.content_bytes > most));
        let too_low =
            self.lowest_priority.is_some_and(|least| job.priority.urgency() < least.urgency());
        let named = self.operations.as_ref().is_none_or(|operations| operations.has(bit));
        named && !too_long && !too_low
    }
}

/// What may be submitted.
impl fmt::Display for Controls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let may = |bit| self.operations.as_ref().is_none_or(|operations| operations.has(bit));
        let messages = may(Operations::MESSAGE_SUBMISSION_OR_MESSAGE_DELIVERY);
        let probes = may(Operations::PROBE_SUBMISSION_OR_REPORT_DELIVERY);
        f.write_str(match (messages, probes) {
            (true, true) => "messages and probes",
            (true, false) => "messages",
            (false, true) => "probes",
            (false, false) => "nothing",
        })?;
        if let Some(most) = self.content_length {
            write!(f, ", up to {most} octets")?;
        }
        match self.lowest_priority {
            Some(Priority::URGENT) => f.write_str(", urgent alone"),
            Some(Priority::NORMAL) => f.write_str(", none non-urgent"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(operation: i64, priority: Priority, content_bytes: u64) -> Job {
        Job::for_tests(operation, priority, content_bytes)
    }

    #[test]
    fn what_is_not_named_stays_and_restrict_false_takes_all_away() {
        let message = |priority, length| job(mts_access::OP_MESSAGE_SUBMISSION, priority, length);
        let probe = || job(mts_access::OP_PROBE_SUBMISSION, Priority::NORMAL, 100);
        let mut controls = Controls::default();
        let mut set = |argument: &'static [u8]| {
            controls.set(Some(&Bytes::from_static(argument))).unwrap();
            let urgent = controls.allow(&message(Priority::URGENT, 100));
            let normal = controls.allow(&message(Priority::NORMAL, 100));
            let long = controls.allow(&message(Priority::URGENT, 101));
            (urgent, normal, long, controls.allow(&probe()))
        };
        assert_eq!(set(&[0x31, 0]), (true, true, true, true));
        // permissible-maximum-content-length 100
        assert_eq!(set(&[0x31, 3, 0x82, 1, 100]), (true, true, false, true));
        // permissible-lowest-priority urgent
        assert_eq!(set(&[0x31, 3, 0x47, 1, 2]), (true, false, false, false));
        // permissible-operations: probes alone
        assert_eq!(set(&[0x31, 7, 0x81, 2, 7, 0x80, 0x47, 1, 1]), (false, false, false, true));
        // restrict FALSE
        assert_eq!(set(&[0x31, 3, 0x80, 1, 0]), (true, true, true, true));
        assert!(controls.set(Some(&Bytes::from_static(&[5, 0]))).is_err());
        assert!(controls.set(None).is_err());
        assert_eq!(controls.to_string(), "messages and probes");
        let argument = Bytes::from_static(&[0x31, 8, 0x81, 2, 7, 0x80, 0x82, 2, 3, 0xe8]);
        controls.set(Some(&argument)).unwrap();
        assert_eq!(controls.to_string(), "probes, up to 1000 octets");
    }
}
