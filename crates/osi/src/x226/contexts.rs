//! The defined context set (X.226 §6.2.4): which presentation contexts were proposed, and what
//! became of each. The Basic Encoding Rules are the one transfer syntax.

use crate::x226::{
    BASIC_ENCODING, ContextDefinition, ContextReason, ContextResult, ContextResultCode,
    DefaultContextName,
};
use restante_ber::{Error, Oid, Result};

/// How many presentation contexts one connection may have.
const MAX_CONTEXTS: usize = 64;

/// One presentation context that was proposed.
#[derive(Clone, Debug, PartialEq)]
pub struct DefinedContext {
    /// Its number; `None`: the default context.
    pub id: Option<i64>,
    /// Its abstract syntax.
    pub abstract_syntax: Oid,
    /// What became of it.
    pub result: ContextResult,
}

impl DefinedContext {
    /// Whether it may be used.
    pub fn accepted(&self) -> bool {
        self.result.result == ContextResultCode::ACCEPTANCE
    }
}

/// The presentation contexts of a connection.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contexts(Vec<DefinedContext>);

fn acceptance() -> ContextResult {
    ContextResult {
        result: ContextResultCode::ACCEPTANCE,
        transfer_syntax_name: Some(BASIC_ENCODING),
        provider_reason: None,
    }
}

fn rejection(reason: ContextReason) -> ContextResult {
    ContextResult {
        result: ContextResultCode::PROVIDER_REJECTION,
        transfer_syntax_name: None,
        provider_reason: Some(reason),
    }
}

impl Contexts {
    /// Proposes a context for each abstract syntax, numbered 1, 3, 5… None is accepted yet.
    pub fn propose<'a>(abstract_syntaxes: impl IntoIterator<Item = &'a Oid>) -> Self {
        let numbers = (1..).step_by(2);
        let propose = |(id, abstract_syntax): (i64, &Oid)| DefinedContext {
            id: Some(id),
            abstract_syntax: abstract_syntax.clone(),
            result: rejection(ContextReason::REASON_NOT_SPECIFIED),
        };
        Self(numbers.zip(abstract_syntaxes).map(propose).collect())
    }

    /// Answers a proposal, context by context.
    ///
    /// # Errors
    /// When a number is used twice.
    pub fn answer(
        definitions: &[ContextDefinition],
        default: Option<&DefaultContextName>,
        knows: impl Fn(&Oid) -> bool,
    ) -> Result<Self> {
        let decide = |abstract_syntax: &Oid, offers_ber: bool, full: bool| {
            if full {
                rejection(ContextReason::LOCAL_LIMIT_ON_DCS_EXCEEDED)
            } else if !knows(abstract_syntax) {
                rejection(ContextReason::ABSTRACT_SYNTAX_NOT_SUPPORTED)
            } else if !offers_ber {
                rejection(ContextReason::PROPOSED_TRANSFER_SYNTAXES_NOT_SUPPORTED)
            } else {
                acceptance()
            }
        };
        let mut contexts = Self::default();
        for (at, definition) in definitions.iter().enumerate() {
            let id = Some(definition.presentation_context_identifier);
            let full = at >= MAX_CONTEXTS;
            if !full && contexts.0.iter().any(|context| context.id == id) {
                return Err(Error::Value("a presentation context identifier used twice"));
            }
            let abstract_syntax = definition.abstract_syntax_name.clone();
            let offers_ber = definition.transfer_syntax_name_list.contains(&BASIC_ENCODING);
            let result = decide(&abstract_syntax, offers_ber, full);
            contexts.0.push(DefinedContext { id, abstract_syntax, result });
        }
        if let Some(default) = default {
            let abstract_syntax = default.abstract_syntax_name.clone();
            let offers_ber = default.transfer_syntax_name == BASIC_ENCODING;
            let result = decide(&abstract_syntax, offers_ber, false);
            contexts.0.push(DefinedContext { id: None, abstract_syntax, result });
        }
        Ok(contexts)
    }

    /// Takes the results of a proposal of ours.
    ///
    /// # Errors
    /// When there is not one for each context.
    pub fn confirm(&mut self, results: Vec<ContextResult>) -> Result<()> {
        if results.len() != self.0.len() {
            return Err(Error::Value("not one result for each presentation context"));
        }
        for (context, result) in self.0.iter_mut().zip(results) {
            context.result = result;
        }
        Ok(())
    }

    /// A peer that gives no results accepts all.
    pub fn confirm_all(&mut self) {
        self.0.iter_mut().for_each(|context| context.result = acceptance());
    }

    /// All contexts, the default context last.
    pub fn all(&self) -> &[DefinedContext] {
        &self.0
    }

    fn listed(&self) -> impl Iterator<Item = &DefinedContext> {
        self.0.iter().filter(|context| context.id.is_some())
    }

    /// The definition list of CP.
    pub fn definition_list(&self) -> Vec<ContextDefinition> {
        let definition = |context: &DefinedContext| {
            Some(ContextDefinition {
                presentation_context_identifier: context.id?,
                abstract_syntax_name: context.abstract_syntax.clone(),
                transfer_syntax_name_list: vec![BASIC_ENCODING],
            })
        };
        self.0.iter().filter_map(definition).collect()
    }

    /// The result list of CPA and CPR, absent where no context was proposed.
    pub fn result_list(&self) -> Option<Vec<ContextResult>> {
        let results: Vec<_> = self.listed().map(|context| context.result.clone()).collect();
        (!results.is_empty()).then_some(results)
    }

    /// What became of the default context, where one was proposed.
    pub fn default_result(&self) -> Option<ContextResultCode> {
        self.0.iter().find(|context| context.id.is_none()).map(|context| context.result.result)
    }

    /// The abstract syntax of a context that may be used.
    pub fn abstract_syntax(&self, id: Option<i64>) -> Option<&Oid> {
        self.0
            .iter()
            .find(|context| context.id == id && context.accepted())
            .map(|context| &context.abstract_syntax)
    }

    /// The number of the context, of those that may be used, with an abstract syntax.
    pub fn find(&self, abstract_syntax: &Oid) -> Option<Option<i64>> {
        self.0
            .iter()
            .find(|context| context.accepted() && context.abstract_syntax == *abstract_syntax)
            .map(|context| context.id)
    }
}
