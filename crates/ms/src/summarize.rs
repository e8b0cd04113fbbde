//! Summarize (X.413 §8.3.2): counts of entries and of the values that attributes have. No status
//! changes.

use std::collections::HashMap;

use restante_ber::{Bytes, Oid, SetOf};
use restante_mhs::x413::{
    AttributeSelection, AttributeValue, In1988, RetrievalError, SequenceNumber, Span,
    SummarizeArgument, SummarizeResult, Summary, SummaryValue,
};
use restante_mhs::x419::{Edition, ms_access};
use restante_storage::Storage;

use crate::attributes::{EntryReader, Key, Requested, checked, encoded};
use crate::matching::Comparand;
use crate::seam::{Refusal, known_extensions, retrieval_result, service_problem};
use crate::selection::{Selected, plan};
use crate::{Binding, MessageStore, Outcome};

/// How many different values one summary may have.
const VALUES_MAX: usize = 4096;

impl<S: Storage> MessageStore<S> {
    pub(crate) fn summarize(
        &self,
        binding: &Binding,
        argument: &SummarizeArgument,
    ) -> Result<Outcome, Refusal> {
        known_extensions(binding.edition, argument.summarize_extensions.as_ref())?;
        let class = self.class(binding, argument.entry_class)?;
        let plan = plan(binding.edition, class, &argument.selector)?;
        let requests = argument.summary_requests.as_deref().unwrap_or_default();
        let requests = checked_requests(requests)?;
        let selected = self.select(binding, &plan)?;
        let mut summaries = Vec::with_capacity(requests.len());
        for request in &requests {
            summaries.push(match class.has(request.key) {
                true => self.summary(binding, &selected, request)?,
                false => absent(&selected),
            });
        }
        let result = SummarizeResult {
            next: selected.next,
            count: u32::try_from(selected.len()).unwrap_or(u32::MAX),
            span: span(&selected),
            summaries: (!summaries.is_empty()).then_some(summaries),
            summarize_result_extensions: None,
        };
        Ok(Outcome::now(match binding.edition {
            Edition::E1988 => retrieval_result(ms_access::OP_SUMMARIZE, &result.in_1988()),
            Edition::E1994 => retrieval_result(ms_access::OP_SUMMARIZE, &result),
        }))
    }

    fn summary(
        &self,
        binding: &Binding,
        selected: &Selected,
        request: &Requested,
    ) -> Result<Summary, Refusal> {
        let mut counts = Counts::default();
        for row in selected.rows() {
            let entry = EntryReader::new(&*self.storage, binding.mailbox, row);
            counts.add(entry.values(request.key)?, request)?;
        }
        Ok(counts.summary(&request.description.oid))
    }
}

/// The summary of an attribute that no entry has.
fn absent(selected: &Selected) -> Summary {
    let entries = u32::try_from(selected.len()).unwrap_or(u32::MAX);
    Summary { absent: (entries > 0).then_some(entries), present: None }
}

fn span(selected: &Selected) -> Option<Span> {
    let numbers = || selected.rows().map(|row| SequenceNumber(row.number));
    Some(Span { lowest: numbers().next()?, highest: numbers().next_back()? })
}

/// Attributes that can be summarized: those whose values can be told to be equal. One may be
/// asked for twice.
fn checked_requests(types: &[Oid]) -> Result<Vec<Requested>, RetrievalError> {
    let countable = |key: Key| {
        restante_mhs::x413::attributes::all()
            .iter()
            .any(|row| Key::of(&row.oid) == Some(key) && row.equality.is_some())
    };
    let selection: Vec<_> = types.iter().cloned().map(AttributeSelection::from).collect();
    let once = checked(&selection, countable)?;
    let asked = |oid: &Oid| once.iter().find(|request| request.description.oid == *oid).cloned();
    Ok(types.iter().filter_map(asked).collect())
}

/// The values of one attribute, as they were first met, and how often.
#[derive(Default)]
struct Counts {
    absent: u32,
    values: Vec<(Comparand, AttributeValue, u32)>,
    /// Octets met so far, and the value that they are.
    known: HashMap<Bytes, usize>,
}

impl Counts {
    fn add(&mut self, values: Vec<AttributeValue>, of: &Requested) -> Result<(), Refusal> {
        if values.is_empty() {
            self.absent = self.absent.saturating_add(1);
        }
        let mut places = Vec::with_capacity(values.len());
        for value in values {
            places.push(self.place(value, of)?);
        }
        // Entries are counted: a value counts once, however often one has it.
        places.sort_unstable();
        places.dedup();
        for place in places {
            if let Some((_, _, count)) = self.values.get_mut(place) {
                *count = count.saturating_add(1);
            }
        }
        Ok(())
    }

    /// Where a value is counted: with those that match it for equality.
    fn place(&mut self, value: AttributeValue, of: &Requested) -> Result<usize, Refusal> {
        let octets = encoded(&value);
        if let Some(place) = self.known.get(&octets) {
            return Ok(*place);
        }
        let comparand = Comparand::of(of.description.kind, &octets)
            .unwrap_or_else(|_| Comparand::Other(octets.clone()));
        let known = self.values.iter().position(|(known, _, _)| known.matches(&comparand));
        let place = match known {
            Some(place) => place,
            None if self.values.len() == VALUES_MAX => {
                let problem = restante_mhs::x413::ServiceProblem::UNWILLING_TO_PERFORM;
                return Err(service_problem(problem).into());
            }
            None => {
                self.values.push((comparand, value, 0));
                self.values.len() - 1
            }
        };
        self.known.insert(octets, place);
        Ok(place)
    }

    fn summary(self, r#type: &Oid) -> Summary {
        let value = |(_, value, count)| SummaryValue { r#type: r#type.clone(), value, count };
        let present: Vec<_> = self.values.into_iter().map(value).collect();
        Summary {
            absent: (self.absent > 0).then_some(self.absent),
            present: (!present.is_empty()).then_some(SetOf(present)),
        }
    }
}
