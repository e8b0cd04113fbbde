//! The form of an auto-action: its fields as they are sent and shown again, the builder of
//! filters, and what they come to.

use maud::{Markup, html};
use restante_mhs::x413::Filter;
use restante_view::filter;

use crate::admin::{
    auto_actions::{
        AutoAcknowledgement, AutoAction, AutoAlert, AutoDiscard, AutoForward, DelayedAutoForward,
        Indicator, NewAutoAction, parsed,
    },
    entries::Urgency,
    error::ApiError,
};

/// What can be registered here: kind, name, what it does.
pub(super) const KINDS: [(&str, &str, &str); 8] = [
    ("auto-forward", "Auto-forward", "send on each message that comes"),
    (
        "delayed-auto-forward",
        "Delayed auto-forward",
        "send on each message that has not been fetched in time",
    ),
    ("auto-alert", "Auto-alert", "tell who is bound of each entry that comes"),
    ("auto-delete", "Auto-delete", "delete what was given a time that is over"),
    (
        "auto-correlate-reports",
        "Auto-correlate reports",
        "add to what was submitted which reports came of it",
    ),
    ("ipm-auto-correlate", "Auto-correlate", "add to messages which others name them"),
    (
        "ipm-auto-acknowledgement",
        "Auto-acknowledgement",
        "send the receipts that originators ask for",
    ),
    ("ipm-auto-discard", "Auto-discard", "throw away messages that expire or are replaced"),
];
/// What conditions can be about: the words of filters.
const SUBJECTS: [&str; 12] = [
    "subject",
    "from",
    "to",
    "priority",
    "importance",
    "type",
    "size",
    "created",
    "filing-time",
    "sic",
    "reference",
    "content-type",
];
const SIGNS: [(&str, &str); 7] = [
    ("~", "contains"),
    ("=", "is"),
    ("!=", "is not"),
    (">", "is above"),
    ("<", "is below"),
    ("has", "is there"),
    ("not has", "is not there"),
];
/// Attributes that an alert can tell of, by the words of filters.
const TOLD: [&str; 8] =
    ["number", "priority", "from", "subject", "type", "size", "created", "content-type"];
const URGENCIES: [(&str, Urgency); 3] =
    [("urgent", Urgency::Urgent), ("normal", Urgency::Normal), ("non-urgent", Urgency::NonUrgent)];
const SECONDS_A_MINUTE: u32 = 60;

/// What a kind is called.
pub(super) fn title(kind: &str) -> &str {
    KINDS.iter().find(|(one, ..)| *one == kind).map_or(kind, |(_, name, _)| name)
}

/// The fields of the form.
#[derive(Debug, Default)]
pub(super) struct Draft {
    fields: Vec<(String, String)>,
    /// Whether what is registered says more than they do.
    loses: bool,
}

impl Draft {
    /// A form in which nothing is said.
    pub(super) fn new(kind: &str, number: u32) -> Self {
        let mut draft = Self::default();
        draft.set("kind", kind);
        draft.set("number", number.to_string());
        if kind == "auto-alert" {
            for name in ["number", "priority", "from", "subject"] {
                draft.set("attribute", name);
            }
        }
        draft
    }

    /// What was sent.
    pub(super) fn sent(fields: Vec<(String, String)>) -> Self {
        let loses = fields.iter().any(|(name, _)| name == "loses");
        Self { fields, loses }
    }

    /// What is registered says more, which is lost, or does not.
    pub(super) fn losing(self, loses: bool) -> Self {
        Self { loses, ..self }
    }

    /// The form of what is registered.
    pub(super) fn of(action: &AutoAction, number: u32) -> Self {
        let mut draft = Self::default();
        draft.set("number", number.to_string());
        let kind = match action {
            AutoAction::AutoForward(forward) => {
                draft.set_forward(forward);
                "auto-forward"
            }
            AutoAction::DelayedAutoForward(later) => {
                draft.set_forward(&later.forward);
                let (minutes, seconds) =
                    (later.delay_s / SECONDS_A_MINUTE, later.delay_s % SECONDS_A_MINUTE);
                draft.set("minutes", minutes.to_string());
                draft.set("seconds", seconds.to_string());
                "delayed-auto-forward"
            }
            AutoAction::AutoAlert(alert) => {
                for name in alert.attributes.iter().flatten() {
                    draft.set("attribute", name.clone());
                }
                "auto-alert"
            }
            AutoAction::AutoDelete => "auto-delete",
            AutoAction::AutoCorrelateReports => "auto-correlate-reports",
            AutoAction::IpmAutoCorrelate => "ipm-auto-correlate",
            AutoAction::IpmAutoAcknowledgement(AutoAcknowledgement { text }) => {
                draft.set("text", text.clone().unwrap_or_default());
                "ipm-auto-acknowledgement"
            }
            AutoAction::IpmAutoDiscard(discard) => {
                draft.set_flag("expired", discard.expired);
                draft.set_flag("obsoleted", discard.obsoleted);
                draft.set_flag("same_originator", discard.same_originator);
                "ipm-auto-discard"
            }
        };
        draft.set("kind", kind);
        draft.set("filter", action.filter().unwrap_or_default());
        draft
    }

    fn set_forward(&mut self, forward: &AutoForward) {
        self.set("to", forward.to.join("\n"));
        for (name, text) in [
            ("cover_note", &forward.cover_note),
            ("comment", &forward.comment),
            ("prefix", &forward.prefix),
            ("content_identifier", &forward.content_identifier),
        ] {
            self.set(name, text.clone().unwrap_or_default());
        }
        let priority = URGENCIES.iter().find(|(_, one)| forward.priority == Some(*one));
        self.set("priority", priority.map_or("", |(name, _)| name));
        self.set_flag("own_indicators", forward.indicators.is_some());
        for one in forward.indicators.iter().flatten() {
            self.set("indicator", one.name());
        }
        self.set_flag("delete", forward.delete);
    }

    fn set(&mut self, name: &str, value: impl Into<String>) {
        self.fields.push((name.to_owned(), value.into()));
    }

    fn set_flag(&mut self, name: &str, value: bool) {
        if value {
            self.set(name, "yes");
        }
    }

    /// The kind of auto-action.
    pub(super) fn kind(&self) -> &str {
        self.text("kind")
    }

    /// A field; nothing where it is not said.
    pub(super) fn text(&self, name: &str) -> &str {
        self.fields.iter().find(|(one, _)| one == name).map_or("", |(_, value)| value)
    }

    fn has(&self, name: &str, value: &str) -> bool {
        self.fields.iter().any(|(one, said)| one == name && said == value)
    }

    fn flag(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }

    fn said(&self, name: &str) -> Option<String> {
        Some(self.text(name).trim()).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    fn number(&self, name: &str) -> Result<u32, ApiError> {
        match self.text(name).trim() {
            "" => Ok(0),
            text => {
                let wrong = |_| ApiError::invalid(format!("{name}: {text:?} is no number"));
                text.parse().map_err(wrong)
            }
        }
    }

    /// Puts the condition that is built to the filter.
    pub(super) fn add_condition(&mut self) -> Result<(), ApiError> {
        let (about, value) = (self.text("about"), self.text("value"));
        let condition = match self.text("sign") {
            "has" => format!("has {about}"),
            "not has" => format!("not has {about}"),
            _ if value.trim().is_empty() => {
                return Err(ApiError::invalid("say a value for the condition"));
            }
            sign => format!("{about} {sign} {}", quoted(value)),
        };
        let Some(condition) = parsed(Some(&condition))? else { return Ok(()) };
        let all = match parsed(Some(self.text("filter")))? {
            None => condition,
            Some(before) if self.text("join") == "or" => Filter::Or(vec![before, condition]),
            Some(before) => Filter::And(vec![before, condition]),
        };
        self.fields.retain(|(name, _)| name != "filter" && name != "value");
        self.set("filter", filter::print(&all));
        Ok(())
    }

    /// What is to be registered.
    pub(super) fn action(&self) -> Result<NewAutoAction, ApiError> {
        let filter = self.said("filter");
        let action = match self.kind() {
            "auto-forward" => AutoAction::AutoForward(self.forward()?),
            "delayed-auto-forward" => {
                let minutes = self.number("minutes")?.checked_mul(SECONDS_A_MINUTE);
                let delay = minutes.and_then(|of| of.checked_add(self.number("seconds").ok()?));
                let Some(delay_s @ 1..) = delay else {
                    return Err(ApiError::invalid("say after how long it is sent on"));
                };
                let forward = self.forward()?;
                AutoAction::DelayedAutoForward(DelayedAutoForward { delay_s, forward })
            }
            "auto-alert" => {
                let names = self.fields.iter().filter(|(name, _)| name == "attribute");
                let names: Vec<_> = names.map(|(_, value)| value.clone()).collect();
                let attributes = Some(names).filter(|names| !names.is_empty());
                AutoAction::AutoAlert(AutoAlert { filter, attributes })
            }
            "auto-delete" => AutoAction::AutoDelete,
            "auto-correlate-reports" => AutoAction::AutoCorrelateReports,
            "ipm-auto-correlate" => AutoAction::IpmAutoCorrelate,
            "ipm-auto-acknowledgement" => {
                let text = self.said("text");
                AutoAction::IpmAutoAcknowledgement(AutoAcknowledgement { text })
            }
            "ipm-auto-discard" => AutoAction::IpmAutoDiscard(AutoDiscard {
                filter,
                expired: self.flag("expired"),
                obsoleted: self.flag("obsoleted"),
                same_originator: self.flag("same_originator"),
            }),
            kind => {
                let text = format!("{kind:?} can't be put together here; use a user agent");
                return Err(ApiError::invalid(text));
            }
        };
        Ok(NewAutoAction { number: self.number("number")?, action })
    }

    fn forward(&self) -> Result<AutoForward, ApiError> {
        let to = self.text("to").lines().map(str::trim).filter(|line| !line.is_empty());
        let priority = URGENCIES.iter().find(|(name, _)| *name == self.text("priority"));
        let bits = Indicator::ALL.into_iter().filter(|one| self.has("indicator", one.name()));
        Ok(AutoForward {
            filter: self.said("filter"),
            to: to.map(str::to_owned).collect(),
            cover_note: self.said("cover_note"),
            comment: self.said("comment"),
            prefix: self.said("prefix"),
            content_identifier: self.said("content_identifier"),
            priority: priority.map(|(_, one)| *one),
            indicators: self.flag("own_indicators").then(|| bits.collect()),
            delete: self.flag("delete"),
        })
    }
}

/// A value as filters have it.
fn quoted(value: &str) -> String {
    format!("\"{}\"", value.trim().replace('\\', "\\\\").replace('"', "\\\""))
}

/// The form. The first button is the one that Enter presses: it changes nothing.
pub(super) fn form(at: &str, draft: &Draft) -> Markup {
    let kind = draft.kind();
    let filters = !matches!(
        kind,
        "auto-delete"
            | "auto-correlate-reports"
            | "ipm-auto-correlate"
            | "ipm-auto-acknowledgement"
    );
    html! {
        form.fields method="post" action=(at) {
            input type="hidden" name="kind" value=(kind);
            @if draft.loses {
                input type="hidden" name="loses" value="yes";
                p.error role="status" {
                    "A user agent registered more than this form shows. To register it from here \
                     loses that."
                }
            }
            @if filters { (filter_fields(draft)) }
            @if kind.ends_with("auto-forward") { (forward_fields(draft)) }
            @if kind == "auto-alert" { (alert_fields(draft)) }
            @if kind == "ipm-auto-acknowledgement" {
                (line(draft, "text", "Text in each receipt", 256))
            }
            @if kind == "ipm-auto-discard" {
                fieldset {
                    legend { "Throw away" }
                    (flag(draft, "expired", "what expires"))
                    (flag(draft, "obsoleted", "what another message takes the place of"))
                    (flag(draft, "same_originator", "the latter only of the same originator"))
                }
            }
            label { "Number among those of its kind "
                input.short name="number" type="number" min="1" max="32767" required
                    value=(draft.text("number")); }
            div.row { button name="do" value="register" { "Register" } }
        }
    }
}

fn filter_fields(draft: &Draft) -> Markup {
    html! {
        fieldset {
            legend { "On which entries" }
            label { "Filter "
                textarea name="filter" rows="3" spellcheck="false"
                    placeholder="all of them" { (draft.text("filter")) }
            }
            div.row {
                select name="join" aria-label="Joined by" {
                    option { "and" }
                    option selected[draft.text("join") == "or"] { "or" }
                }
                select name="about" aria-label="Attribute" {
                    @for name in SUBJECTS {
                        option selected[draft.text("about") == name] { (name) }
                    }
                }
                select name="sign" aria-label="Condition" {
                    @for (sign, name) in SIGNS {
                        option value=(sign) selected[draft.text("sign") == sign] { (name) }
                    }
                }
                input name="value" value=(draft.text("value")) aria-label="Value";
                button name="do" value="condition" formnovalidate { "Add the condition" }
                button name="do" value="look" formnovalidate { "Look what would match now" }
            }
        }
    }
}

fn forward_fields(draft: &Draft) -> Markup {
    html! {
        @if draft.kind() == "delayed-auto-forward" {
            div.row {
                label { "If not fetched after "
                    input.short name="minutes" type="number" min="0"
                        value=(draft.text("minutes")); " minutes" }
                label { "and " input.short name="seconds" type="number" min="0" max="59"
                    value=(draft.text("seconds")); " seconds" }
            }
        }
        label { "To, one O/R address a line "
            textarea name="to" rows="3" spellcheck="false" required { (draft.text("to")) }
        }
        label { "Cover note "
            textarea name="cover_note" rows="3" maxlength="32768" { (draft.text("cover_note")) }
        }
        (flag(draft, "delete", "Delete the message when it has been sent on"))
        fieldset {
            legend { "The message that is sent" }
            label { "Priority "
                select name="priority" {
                    option value="" { "as the message" }
                    @for (name, _) in URGENCIES {
                        option selected[draft.text("priority") == name] { (name) }
                    }
                }
            }
            (line(draft, "content_identifier", "Content identifier", 16))
            (line(draft, "prefix", "Its identifier begins with", 32))
            (line(draft, "comment", "Text of a non-receipt notification", 256))
            (flag(draft, "own_indicators", "These per-message-indicators, not the message's:"))
            @for one in Indicator::ALL {
                label.inner {
                    input type="checkbox" name="indicator" value=(one.name())
                        checked[draft.has("indicator", one.name())];
                    " " (one.name())
                }
            }
        }
    }
}

fn alert_fields(draft: &Draft) -> Markup {
    let others = draft
        .fields
        .iter()
        .filter(|(name, value)| name == "attribute" && !TOLD.contains(&value.as_str()));
    html! {
        fieldset {
            legend { "What is told of the entry; nothing marked: the user's defaults of List" }
            @for name in TOLD.into_iter().chain(others.map(|(_, value)| value.as_str())) {
                label.inner {
                    input type="checkbox" name="attribute" value=(name)
                        checked[draft.has("attribute", name)];
                    " " (name)
                }
            }
        }
    }
}

fn line(draft: &Draft, name: &str, label: &str, most: usize) -> Markup {
    html! {
        label { (label) " " input name=(name) maxlength=(most) value=(draft.text(name)); }
    }
}

fn flag(draft: &Draft, name: &str, label: &str) -> Markup {
    html! {
        label.inner {
            input type="checkbox" name=(name) value="yes" checked[draft.flag(name)];
            " " (label)
        }
    }
}
