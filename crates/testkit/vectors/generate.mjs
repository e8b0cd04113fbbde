// Makes the vectors beside this file with encoders that share nothing with ours. Run it where the
// packages named in README.md are installed: node generate.mjs OUT [--as-published]
//
// The packages' compiler tags implicitly what X.680 30.6 has explicit: open types under a tag
// everywhere, and the alternatives of a CHOICE in modules whose tags are explicit. Unless asked for
// what was published, that is put right here, and ExtendedContentType is an OBJECT IDENTIFIER as in
// the editions before 1999 and in the field; nothing else is touched.
import { createRequire } from "node:module";
import { mkdirSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, dirname } from "node:path";

const require = createRequire(join(process.cwd(), "package.json"));
const [out, mode] = process.argv.slice(2);
const asPublished = mode === "--as-published";

const EXPLICIT_CHOICE = new RegExp("/MSAbstractService/(AutoActionErrorIndication|DeleteArgument-items|"
  + "EntryModification-modification|FetchArgument-item|Filter|FilterItem|MSExtensionErrorParameter|"
  + "FilterItem-substrings-strings-Item|MessageGroupRegistrations-Item|ModifyArgument-entries|Range|"
  + "MSMessageSubmissionResult|"
  + "fetch-restriction-error-ParameterType-problems-Item-restriction)\\.ta\\.js"
  + "|/MSGeneralAttributeTypes/(ReportLocation|SubmissionError)\\.ta\\.js");
const path = require.resolve("asn1-ts/dist/node/functional");
const original = require(path);
const { ASN1Element } = require("asn1-ts");
const corrected = {
  _encodeRelativeOID: original._encodeObjectIdentifier,
  _encode_implicit: (cls, tag, of, rules) => {
    const caller = new Error().stack.split("\n")[2];
    const explicit = of() === original._encodeAny || EXPLICIT_CHOICE.test(caller);
    return (explicit ? original._encode_explicit : original._encode_implicit)(cls, tag, of, rules);
  },
};
require.cache[path].exports = { ...original, ...(asPublished ? {} : corrected),
  // The original takes some structured values for NULL, the default of an extension's value.
  deepEq: (a, b) => (a instanceof ASN1Element ? false : original.deepEq(a, b)) };

const A = require("asn1-ts");
const BER = () => new A.BERElement();
const MODULES = { "Remote-Operations-Generic-ROS-PDUs": "rose", "ACSE-1": "acse",
  "ISO8823-PRESENTATION": "copp", InformationFramework: "x500" };
const element = (name, value) => {
  const [module, type] = name.split(".");
  const at = `@wildboar/${MODULES[module] ?? "x400"}/src/lib/modules/${module}/${type}.ta.js`;
  return require(at)[`_encode_${type.replaceAll("-", "_")}`](value, BER);
};
const universal = (tag, property, value) => {
  const el = new A.BERElement(A.ASN1TagClass.universal, 0, tag);
  el[property] = value;
  return el;
};
const oid = (text) => A.ObjectIdentifier.fromString(text);
const OID = (text) => universal(6, "objectIdentifier", oid(text));
const int = (n) => universal(2, "integer", n);
const enumerated = (n) => universal(10, "enumerated", n);
const printable = (s) => universal(19, "printableString", s);
const teletex = (s) => universal(20, "teletexString", Buffer.from(s, "latin1"));
const ia5 = (s) => universal(22, "ia5String", s);
const utcElement = (d) => universal(23, "utcTime", d);
const octetString = (b) => universal(4, "octetString", b);
const nul = () => universal(5, "value", new Uint8Array(0));
const bytes = (s) => new Uint8Array(Buffer.from(s, "latin1"));
const bits = (s) => new Uint8ClampedArray([...s].map(Number));
const utc = (h, m, s = 0) => new Date(Date.UTC(2026, 2, 14, h, m, s));

// Names: { c, a, p, o, ou: [], s, g, i, q, cn, x121, t, n, dd: [[type, value]], attributes, dn }.
const orName = ({ c, a, p, o, ou, s, g, i, q, cn, x121, t, n, dd, attributes = [], dn }) => {
  const extra = cn ? [{ extension_attribute_type: 1, extension_attribute_value: printable(cn) }] : [];
  extra.push(...attributes.map(([k, v]) => ({ extension_attribute_type: k, extension_attribute_value: v })));
  return {
    built_in_standard_attributes: {
      country_name: c && (/^\d/.test(c) ? { x121_dcc_code: c } : { iso_3166_alpha2_code: c }),
      administration_domain_name: a && (/^\d/.test(a) ? { numeric: a } : { printable: a }),
      network_address: x121, terminal_identifier: t,
      private_domain_name: p && (/^\d/.test(p) ? { numeric: p } : { printable: p }),
      organization_name: o, numeric_user_identifier: n,
      personal_name: s && { surname: s, given_name: g, initials: i, generation_qualifier: q },
      organizational_unit_names: ou,
    },
    built_in_domain_defined_attributes: dd?.map(([type_, value]) => ({ type_, value })),
    extension_attributes: extra.length ? extra : undefined,
    directory_name: dn && { rdnSequence: dn.map(([type_, value]) => [{ type_, value }]) },
  };
};
const DN = [[oid("2.5.4.6"), printable("GB")], [oid("2.5.4.10"), printable("Example")],
  [oid("2.5.4.3"), printable("Ops Desk")]];
const ops = { c: "GB", a: " ", p: "PEER", o: "Example", ou: ["Ops"] };
const alice = orName({ ...ops, cn: "Alice" });
const bob = orName({ ...ops, s: "Smith", g: "Bob", i: "B", q: "Jr" });
const tower = orName({ c: "XX", a: "ICAO", p: "GERMANY", o: "AFTN", ou: ["EDDF"], cn: "EDDFYFYX" });
const extendedType = (text) => asPublished ? text.split(".").map(Number) : oid(text);
const mtsId = (local) => ({
  global_domain_identifier: { country_name: { iso_3166_alpha2_code: "GB" },
    administration_domain_name: { printable: " " }, private_domain_identifier: { printable: "PEER" } },
  local_identifier: local });
const extension = (n, name, value, criticality) => ({ type_: { standard_extension: n },
  criticality: criticality && bits(criticality),
  value: typeof name === "string" ? element(`MTSAbstractService.${name}`, value) : name });
const FOR_DELIVERY = "001";
const P2 = oid("2.6.1.10.1");
const simple = (s) => ({ simple: { ia5_string: s } });

// Attributes of entries: 2.6.4.3.n general, 2.6.1.m.n interpersonal.
const SUBJECT = oid("2.6.1.7.4"), PRIORITY = oid("2.6.4.3.31"), STATUS = oid("2.6.4.3.15");
const ORIGINATOR_NAME = oid("2.6.4.3.27"), CONTENT = oid("2.6.4.3.1"), LENGTH = oid("2.6.4.3.6");
const CREATION = oid("2.6.4.3.11"), RECIPIENTS = oid("2.6.1.7.11"), TYPE = oid("2.6.4.3.8");
const urgent = () => element("MTSAbstractService.Priority", 2);
const attribute = (attribute_type, ...attribute_values) => ({ attribute_type, attribute_values });
const ava = (attribute_type, attribute_value) => ({ attribute_type, attribute_value });
const item = (kind, value) => ({ item: { [kind]: value } });
const present = (type) => item("present", type);
const equal = (type, value) => item("equality", ava(type, value));
const range = (from_, to) => ({ sequence_number_range: { from_, to } });

const vectors = [];
const add = (name, type, value, meaning) => vectors.push([name, type, value, meaning]);
const MS = (name, type, value, meaning) => add(`ms/${name}`, `MSAbstractService.${type}`, value, meaning);
const MTS = (name, type, value, meaning) => add(`mts/${name}`, `MTSAbstractService.${type}`, value, meaning);
const IPM = (name, type, value, meaning) => add(`ipm/${name}`, `IPMSInformationObjects.${type}`, value, meaning);

// ---- MS-bind
const bind = { initiator_name: alice, initiator_credentials: simple("alicepw") };
MS("bind-argument-simple", "MSBindArgument", bind, "Alice, password alicepw as IA5String");
MS("bind-argument-octets", "MSBindArgument", { initiator_name: bob,
  initiator_credentials: { simple: { octet_string: bytes("\x00bob\xff") } } },
  "Bob Smith, password of the octets 00 62 6F 62 FF");
MS("bind-argument-restricted", "MSBindArgument", { ...bind, fetch_restrictions: {
  allowed_content_types: [P2, oid("2.6.1.10.0")], allowed_EITs: [oid("2.6.3.4.2")],
  maximum_attribute_length: 4096 }, ms_configuration_request: true },
  "Alice; fetch only contents P2 of 1988 and 1984, one EIT, attributes up to 4096 octets; asks for the configuration");
MS("bind-argument-1994", "MSBindArgument", { ...bind, ua_registration_identifier: "desk 7",
  ms_configuration_request: true }, "Alice, with a UA registration, desk 7: 1994 contexts only");
MS("bind-argument-labelled", "MSBindArgument", { ...bind, security_context: [
  { security_classification: 3, security_policy_identifier: oid("1.3.6.1.4.1.9999.7") }] },
  "Alice, in a security-context of one label: classification confidential under a policy");
MS("bind-argument-directory-name", "MSBindArgument", { initiator_name: orName({ ...ops, cn: "Alice", dn: DN }),
  initiator_credentials: simple("alicepw") }, "Alice by O/R address and directory name");
MS("bind-result", "MSBindResult", { responder_credentials: simple("") }, "an empty password, nothing else");
MS("bind-result-configuration", "MSBindResult", { responder_credentials: simple("store"),
  available_auto_actions: [oid("2.6.4.4.0"), oid("2.6.4.4.1")],
  available_attribute_types: [STATUS, SUBJECT, CONTENT], alert_indication: true,
  content_types_supported: [P2] }, "two auto-actions, three attribute types, an alert waits, content P2");
MS("bind-result-1994", "MSBindResult", { responder_credentials: simple("store"), entry_classes_supported: [0, 1, 7],
  matching_rules_supported: [oid("2.6.4.6.0")], message_group_depth: 4,
  auto_action_error_indication: { auto_action_log_entry: 12 }, ua_registration_id_unknown: true },
  "entry classes, a matching rule, groups four deep, an auto-action error at log entry 12, unknown UA registration");
MS("bind-error-unqualified", "ms-bind-error-ParameterType", { unqualified_error: 0 }, "authentication-error, 1988");
MS("bind-error-qualified", "ms-bind-error-ParameterType", { qualified_error: { bind_problem: 2,
  supplementary_information: "too busy" } }, "unable-to-establish-association with its text, 1994");

// ---- Selectors, filters, selections
const list = (name, selector, meaning) => MS(`list-argument-${name}`, "ListArgument", { selector }, meaning);
list("all", {}, "every entry, registered attributes");
list("range", { range: range(5, 9), limit: 3 }, "entries 5 to 9, at most 3");
list("range-open", { range: range(7, undefined) }, "entries from 7 on");
list("time-range", { range: { creation_time_range: { from_: utc(9, 26, 53), to: utc(18, 0) } } },
  "created from 09:26:53 to 18:00 on 14 March 2026");
list("children", { child_entries: true, override: bits("101") },
  "with child-entries, overriding the restrictions on content-types and attribute length");
MS("list-argument-no-attributes", "ListArgument", { selector: {}, requested_attributes: [] },
  "every entry, requested-attributes present and empty: sequence-numbers only");
MS("list-argument-attributes", "ListArgument", { entry_class: 1, selector: { filter: present(SUBJECT) },
  requested_attributes: [{ type_: SUBJECT }, { type_: RECIPIENTS, from_: 2, count: 3 }, { type_: PRIORITY }] },
  "entry-class submission; subject, primary-recipients from the second value three, priority");
const filter = (name, value, meaning) => MS(`filter-${name}`, "Filter", value, meaning);
filter("equality", equal(SUBJECT, teletex("alpha two")), "subject = alpha two, as TeletexString");
filter("equality-integer", equal(STATUS, int(0)), "retrieval-status = new");
filter("equality-tagged", equal(PRIORITY, urgent()), "priority = urgent, 47 01 02");
filter("equality-name", equal(ORIGINATOR_NAME, element("MTSAbstractService.ORName", tower)), "originator-name = EDDFYFYX");
filter("substrings", item("substrings", { type_: SUBJECT, strings: [{ initial: teletex("al") },
  { any_: teletex("a t") }, { final: teletex("wo") }] }), "subject = al*a t*wo");
filter("greater-or-equal", item("greater_or_equal", ava(LENGTH, int(3000))), "content-length >= 3000");
filter("less-or-equal", item("less_or_equal", ava(CREATION, utcElement(utc(12, 0)))), "creation-time <= noon");
filter("present", present(SUBJECT), "there is a subject");
filter("approximate", item("approximate_match", ava(SUBJECT, teletex("alfa"))), "subject ~ alfa");
filter("other-match", item("other_match", { matching_rule: oid("2.6.4.6.7"), attribute_type: ORIGINATOR_NAME,
  match_value: element("MTSAbstractService.ORName", orName({ c: "GB", a: " " })) }),
  "originator-name by a named matching rule, 1994");
filter("and", { and: [present(SUBJECT), equal(PRIORITY, urgent())] }, "a subject and urgent");
filter("or", { or: [equal(PRIORITY, urgent()), equal(STATUS, int(2))] }, "urgent or processed");
filter("not", { not: present(SUBJECT) }, "no subject");
filter("nested", { and: [{ not: { or: [equal(PRIORITY, urgent()), equal(SUBJECT, printable("alpha one"))] } },
  present(SUBJECT)] }, "neither urgent nor alpha one, but with a subject");
filter("empty-and", { and: [] }, "and of nothing: true");
filter("empty-or", { or: [] }, "or of nothing: false");

// ---- List, Fetch, Summarize, Delete
const entry = (sequence_number, subject) => ({ sequence_number, attributes: [attribute(SUBJECT, teletex(subject)),
  attribute(PRIORITY, urgent())] });
MS("list-result", "ListResult", { next: 7, requested: [entry(5, "alpha"), entry(6, "beta")] },
  "entries 5 and 6 with subject and priority; 7 is next");
MS("list-result-empty", "ListResult", {}, "nothing selected");
MS("list-result-1994", "ListResult", { requested: [{ sequence_number: 5, attributes: [attribute(RECIPIENTS,
  element("IPMSInformationObjects.RecipientSpecifier", { recipient: { formal_name: alice } }))],
  value_count_exceeded: [{ type_: RECIPIENTS, total: 40 }] }] }, "one value of 40 primary-recipients, 1994");
MS("fetch-argument-precise", "FetchArgument", { item: { precise: 5 } }, "entry 5, registered attributes");
MS("fetch-argument-precise-attributes", "FetchArgument", { item: { precise: 2147483647 },
  requested_attributes: [{ type_: CONTENT }] }, "the highest number there is; content");
MS("fetch-argument-search", "FetchArgument", { item: { search: { filter: present(SUBJECT), limit: 2 } } },
  "the first with a subject, and the number of one more");
MS("fetch-argument-override", "FetchArgument", { item: { search: { range: range(5, 5), override: bits("1") } },
  requested_attributes: [{ type_: CONTENT }, { type_: RECIPIENTS, from_: 1, count: 0 }] },
  "entry 5 whatever its content-type; content, and of the primary-recipients no value but their count");
MS("fetch-result", "FetchResult", { entry_information: { sequence_number: 5, attributes: [
  attribute(CONTENT, octetString(bytes("\x01\x02\x03"))), attribute(TYPE, OID("2.6.1.10.1"))] },
  list: [6, 9], next: 12 }, "entry 5 with content 01 02 03 and its type; 6 and 9 match as well; 12 is next");
MS("fetch-result-empty", "FetchResult", {}, "nothing selected");
MS("summarize-argument", "SummarizeArgument", { selector: {} }, "count and span of all");
MS("summarize-argument-requests", "SummarizeArgument", { selector: { filter: present(SUBJECT) },
  summary_requests: [STATUS, PRIORITY] }, "those with a subject, by retrieval-status and by priority");
MS("summarize-result", "SummarizeResult", { count: 4, span: { lowest: 3, highest: 9 }, next: 10, summaries: [
  { present: [{ type_: STATUS, value: int(0), count: 3 }, { type_: STATUS, value: int(2), count: 1 }] },
  { absent: 3, present: [{ type_: PRIORITY, value: urgent(), count: 1 }] }] },
  "4 entries from 3 to 9, 10 is next; 3 new, 1 processed; 1 urgent, 3 without priority");
MS("summarize-result-empty", "SummarizeResult", { count: 0 }, "no entry, hence no span");
MS("delete-argument-numbers", "DeleteArgument", { items: { sequence_numbers: [9, 3, 127, 128] } }, "9, 3, 127 and 128");
MS("delete-argument-selector", "DeleteArgument", { items: { selector: { range: range(1, 3) } } }, "entries 1 to 3");
MS("delete-result-1988", "DeleteResult", { delete_result_88: null }, "NULL, as 1988 has it");
MS("delete-result-1994", "DeleteResult", { delete_result_94: { entries_deleted: [3, 9] } }, "3 and 9 were deleted");

// ---- Register-MS, Alert, Modify
MS("register-argument-defaults", "Register-MSArgument", { list_attribute_defaults: [SUBJECT, PRIORITY],
  fetch_attribute_defaults: [CONTENT] }, "list defaults subject and priority, fetch default content");
MS("register-argument-credentials", "Register-MSArgument", { change_credentials: {
  old_credentials: simple("alicepw"), new_credentials: simple("better") } }, "password alicepw becomes better");
MS("register-argument-alert", "Register-MSArgument", { auto_action_registrations: [{ auto_action_type: oid("2.6.4.4.1"),
  registration_identifier: 2, registration_parameter: element("MSGeneralAutoActionTypes.AutoAlertRegistrationParameter",
    { filter: equal(PRIORITY, urgent()), requested_attributes: [{ type_: SUBJECT }] }) }],
  auto_action_deregistrations: [{ auto_action_type: oid("2.6.4.4.0") }] },
  "alert 2 for what is urgent, with the subject; the first auto-forward is deregistered");
MS("register-result-1988", "Register-MSResult", { no_status_information: null }, "NULL");
MS("register-argument-labels", "Register-MSArgument", { user_security_labels: [
  { security_policy_identifier: oid("1.3.6.1.4.1.9999.7"), security_classification: 3 }] }, "one label, all that 1988 has");
const group = (...message_group_name) => ({ message_group_name });
const described = { ...group("projects", "north"), message_group_descriptor: "the northern projects" };
const submissionDefaults = { object_entry_class: 1, add_message_group_names: [["projects"]] };
MS("register-argument-1994", "Register-MSArgument", { ua_registrations: [{ ua_registration_identifier: "desk 7",
  ua_list_attribute_defaults: [SUBJECT], ua_fetch_attribute_defaults: [], ua_submission_defaults: { disable_auto_modify: true } }],
  submission_defaults: submissionDefaults, message_group_registrations: [{ register_group: described },
    { deregister_group: ["old"] }, { change_descriptors: group("projects") }], registration_status_request: {
    registrations: bits("000001"), restrict_message_groups: { parent_group: ["projects"], immediate_descendants_only: false,
      omit_descriptors: false } } },
  "defaults of desk 7 and of submissions, a group comes, one goes, one loses its text; what is registered of groups, 1994");
MS("register-argument-status", "Register-MSArgument", { registration_status_request: { registrations: bits("111111"),
  extended_registrations: [oid("1.3.9999.3")] } }, "all that is registered, and an extension, 1994");
const autoAction = (n, type, value, id) => ({ auto_action_registrations: [{ auto_action_type: oid(`2.6.4.4.${n}`),
  registration_identifier: id, registration_parameter: element(type, value) }] });
const forwarded = { originator_name: alice, content_type: { built_in: 22 }, per_recipient_fields: [
  { recipient_name: bob, originator_report_request: bits("00001") }] };
MS("register-argument-forward-1994", "Register-MSArgument", autoAction(0, "IPMSAutoActionTypes.IPMAutoForwardRegistrationParameter",
  { filter: equal(PRIORITY, urgent()), forwarding_envelope: forwarded, forwarding_heading: { this_IPM:
    { user_relative_identifier: "AF" } }, nrn_comment: "away", ipm_auto_forward_options: bits("100001"),
  submission_options: { object_entry_class: 1 } }),
  "what is urgent, of all types, goes on to Bob and away here, 1994");
// The parameters of auto-actions, each as it stands in a registration.
const ACTION = (name, type, value, meaning) => add(`ms/auto-action-${name}`, type, value, meaning);
const AA = "IPMSAutoActionTypes.";
ACTION("forward-1988", `${AA}AutoForwardRegistrationParameter88`, { filter: equal(PRIORITY, urgent()),
  auto_forward_arguments: { originator_name: alice, content_identifier: "AF 1", priority: 2,
    per_message_indicators: bits("0001"), per_recipient_fields: forwarded.per_recipient_fields },
  delete_after_auto_forwarding: true, forwarding_information: element(`${AA}ForwardingInformation1988`,
    { auto_forwarding_comment: "away", this_ipm_prefix: "AF" }).toBytes() },
  "what is urgent goes on to Bob, urgent itself, and away here, 1988");
ACTION("forward-1994", `${AA}IPMAutoForwardRegistrationParameter`, { forwarding_envelope: forwarded,
  forwarding_heading: { this_IPM: { user_relative_identifier: "AF" }, originator: { formal_name: alice } } },
  "all goes on to Bob, no options");
ACTION("alert", "MSGeneralAutoActionTypes.AutoAlertRegistrationParameter", { requested_attributes: [] },
  "all, by its number alone");
ACTION("modify", "MSGeneralAutoActionTypes.AutoModifyRegistrationParameter", { entry_class: 3,
  filter: present(SUBJECT), modifications: [{ strict: true, modification: { remove_attribute: oid("2.6.4.3.58") } }] },
  "stored messages with a subject lose their notes, strictly");
ACTION("acknowledgement", `${AA}IPMAutoAcknowledgementRegistrationParameter`, {
  auto_acknowledge_suppl_receipt_info: "read", submission_options: { object_entry_class: 1 } }, "read; kept");
ACTION("discard", `${AA}IPMAutoDiscardRegistrationParameter`, { filter: present(SUBJECT), auto_discard_expired_ipms: true,
  auto_discard_obsoleted_ipms: false, restrict_obsoleting_to_originator: true }, "what expires, with a subject");
ACTION("advise", `${AA}IPMAutoAdviseRegistrationParameter`, { advice_notifications: [
  { type_: oid("2.6.1.19.0"), value: element("IPMSInformationObjects.AbsenceAdvice", { next_available: new Date(Date.UTC(2026, 11, 1, 8)) }) }],
  use_ipm_if_an_not_supported: true }, "back on 1 December 2026 at 8, by message too");
MS("register-result-1994", "Register-MSResult", { registered_information: { list_attribute_defaults: [SUBJECT],
  fetch_attribute_defaults: [CONTENT], ua_registrations: [{ ua_registration_identifier: "desk 7" }],
  submission_defaults: submissionDefaults, message_group_registrations: [described, group("projects")],
  ...autoAction(1, "MSGeneralAutoActionTypes.AutoAlertRegistrationParameter", { filter: equal(PRIORITY, urgent()) }, 2) } },
  "defaults, desk 7, two groups, alert 2, 1994");
MS("alert-argument", "AlertArgument", { alert_registration_identifier: 2, new_entry: entry(41, "wake up") },
  "registration 2; entry 41, wake up");
MS("modify-argument", "ModifyArgument", { entries: { specific_entries: [4, 5] }, modifications: [
  { modification: { add_values: { attribute_type: oid("2.6.4.3.58"), attribute_values: [
    { value: universal(27, "generalString", "call back"), position: 2 }] } } },
  { strict: true, modification: { remove_attribute: SUBJECT } }] },
  "a message-note becomes the second of entries 4 and 5, whose subject must go, 1994");

// ---- Errors of P7
const error = (name, type, value, meaning) => MS(`error-${name}`, `${type}`, value, meaning);
const parameter = (name) => `${name}-error-ParameterType`;
error("attribute", parameter("attribute"), { problems: [{ problem: 1, type_: oid("1.3.9999.1.2") },
  { problem: 0, type_: STATUS, value: int(9) }] }, "unavailable type 1.3.9999.1.2; invalid value 9 of retrieval-status");
error("auto-action-request", parameter("auto-action-request"), { problems: [{ problem: 0, type_: oid("2.6.4.4.3") }] },
  "unavailable auto-action 2.6.4.4.3");
error("delete", parameter("delete"), { problems: [{ problem: 0, sequence_number: 6 }] }, "6 is a child-entry");
error("fetch-restriction", parameter("fetch-restriction"), { problems: [
  { problem: 1, restriction: { content_type: oid("2.6.1.10.0") } }] }, "content-type P2 of 1984 is not allowed");
error("fetch-restriction-length", parameter("fetch-restriction"), { problems: [
  { problem: 3, restriction: { attribute_length: 4096 } }] }, "longer than 4096 octets");
error("range", parameter("range"), { problem: 0 }, "reversed");
error("sequence-number", parameter("sequence-number"), { problems: [{ problem: 0, sequence_number: 1007 },
  { problem: 0, sequence_number: 0 }] }, "no such entries: 1007 and 0");
error("service", "ServiceErrorParameter", { problem: 1 }, "unavailable");
error("service-text", "ServiceErrorParameter", { problem: 0, supplementary_information: "try at 09:30" }, "busy, with a text, 1994");
error("message-group", "MessageGroupErrorParameter", { problem: 0, name: ["projects", "north"] }, "no such group, 1994");
error("ms-extension", "MSExtensionErrorParameter", { unknown_ms_extension: oid("1.3.9999.3") }, "unknown extension, 1994");
error("register-ms", parameter("register-ms"), { problem: 0, registration_type: { registrations: bits("000001") } },
  "message-group registrations are not supported, 1994");
error("modify", "ModifyErrorParameter", { failing_entry: 5, modification_number: 1, problem: 0 },
  "entry 5, modification 1: attribute not present, 1994");
error("entry-class", "EntryClassErrorParameter", { entry_class: 6, problem: bits("1") }, "message-log unsupported, 1994");

// ---- O/R names
const name = (kind, value, meaning) => MTS(`or-name-${kind}`, "ORName", value, meaning);
name("common-name", alice, "/CN=Alice/OU1=Ops/O=Example/PRMD=PEER/ADMD= /C=GB/");
name("personal", bob, "/G=Bob/I=B/S=Smith/Q=Jr/OU1=Ops/O=Example/PRMD=PEER/ADMD= /C=GB/");
name("amhs", tower, "/CN=EDDFYFYX/OU1=EDDF/O=AFTN/PRMD=GERMANY/ADMD=ICAO/C=XX/");
name("units", orName({ c: "XX", a: "ICAO", p: "P", o: "AFTN", ou: ["One", "Two", "Three", "Four"] }), "OU1 to OU4");
name("numeric", orName({ c: "234", a: "0123", p: "4567", n: "890123" }), "numeric country, domains, user");
name("x121", orName({ c: "GB", a: "TELECOM", x121: "23421920100515", t: "TTX 12345" }), "X.121 address and terminal");
name("domain-defined", orName({ c: "GB", a: " ", p: "P", o: "Gateway", dd: [["RFC-822", "alice(a)example.com"],
  ["JOB", "7"]] }), "two domain-defined attributes");
name("directory-name", orName({ ...ops, cn: "Alice", dn: DN }), "Alice with /C=GB/O=Example/CN=Ops Desk as directory name");
name("directory-name-only", orName({ dn: DN }), "an empty address and a directory name");
name("teletex", orName({ c: "DE", a: " ", p: "P", attributes: [[2, teletex("M\xfcller")], [3, teletex("B\xfcro")],
  [4, element("MTSAbstractService.TeletexPersonalName", { surname: bytes("M\xfcller"), given_name: bytes("J\xf6rg") })]] }),
  "teletex common, organization and personal names, in ISO 8859-1");
name("universal", orName({ c: "GR", a: " ", p: "P", attributes: [[24, element("MTSAbstractService.UniversalOrBMPString",
  { character_encoding: { two_octets: "\u0391\u03b8\u03ae\u03bd\u03b1" }, iso_639_language_code: "el" })]] }),
  "universal common name Athina in Greek letters");
name("postal", orName({ c: "GB", a: "POST", attributes: [[7, printable("UKMAIL")],
  [8, element("MTSAbstractService.PhysicalDeliveryCountryName", { iso_3166_alpha2_code: "GB" })],
  [9, element("MTSAbstractService.PostalCode", { printable_code: "SW1A 1AA" })]] }), "a physical-delivery address");
name("unknown-attribute", orName({ ...ops, cn: "Alice", attributes: [[99, int(5)]] }), "with an extension-attribute 99");

// ---- P3: bind, delivery, report
MTS("bind-argument-mta", "MTSBindArgument", { initiator_name: { mTA: "mta1" }, initiator_credentials: simple("mtapw") },
  "MTA mta1, password mtapw");
MTS("bind-argument-store", "MTSBindArgument", { initiator_name: { message_store: alice },
  messages_waiting: { urgent: { messages: 1, octets: 2048 }, normal: { messages: 0 }, non_urgent: { messages: 12 } },
  initiator_credentials: { simple: { octet_string: bytes("pw") } } },
  "Alice's store; 1 urgent message of 2048 octets and 12 non-urgent ones wait");
MTS("bind-argument-user", "MTSBindArgument", { initiator_name: { user_agent: bob }, initiator_credentials: simple("pw") },
  "the user agent of Bob Smith");
MTS("bind-result", "MTSBindResult", { responder_name: { mTA: "mta1" }, responder_credentials: simple("mtapw") }, "MTA mta1");
MTS("bind-error", "mts-bind-error-ParameterType", 2, "authentication-error");
const delivered = { content_type: { built_in: 22 }, originator_name: tower, this_recipient_name: alice,
  message_submission_time: utc(9, 26, 53) };
const delivery = (other_fields, content, local = "L1") => ({ message_delivery_identifier: mtsId(local),
  message_delivery_time: utc(9, 27), other_fields, content: bytes(content) });
MTS("delivery-argument", "MessageDeliveryArgument", delivery(delivered, "\x01\x02"),
  "content 01 02 of type 22 from EDDFYFYX to Alice, normal priority by default");
MTS("delivery-argument-extended-type", "MessageDeliveryArgument",
  delivery({ ...delivered, content_type: { extended: extendedType("1.3.26.0.4406.0.4.1") } }, ""),
  "a military content type, no content octets");
const algorithm = { algorithm: oid("1.2.840.113549.1.1.11"), parameters: nul() };
const deliveryExtensions = [
  extension(3, "DLExpansionProhibited", 1, FOR_DELIVERY),
  extension(4, "ConversionWithLossProhibited", 1, FOR_DELIVERY),
  extension(13, "OriginatorReturnAddress", orName({ c: "GB", a: "POST", cn: "Return" })),
  extension(17, "ContentConfidentialityAlgorithmIdentifier", { algorithm: oid("1.3.14.3.2.7") }, FOR_DELIVERY),
  extension(20, "MessageSecurityLabel", { security_policy_identifier: oid("1.3.6.1.4.1.9999.7"),
    security_classification: 3, privacy_mark: "IN CONFIDENCE" }, FOR_DELIVERY),
  extension(22, "ProofOfDeliveryRequest", 1, FOR_DELIVERY),
  extension(23, "ContentCorrelator", { ia5text: "corr 17" }),
  extension(25, "RedirectionHistory", [{ intended_recipient_name: { intended_recipient: bob,
    redirection_time: utc(9, 26, 55) }, redirection_reason: 1 }]),
  extension(26, "DLExpansionHistory", [{ dl: orName({ ...ops, cn: "All Ops" }), dl_expansion_time: utc(9, 26, 58) }]),
  { type_: { private_extension: oid("1.3.6.1.4.1.9999.42") }, value: ia5("a private matter") },
];
MTS("delivery-argument-full", "MessageDeliveryArgument", delivery({ ...delivered, priority: 2,
  original_encoded_information_types: { built_in_encoded_information_types: bits("001"),
    extended_encoded_information_types: [oid("1.0.10021.7.1.0.1")] },
  delivery_flags: bits("01"), other_recipient_names: [bob, tower], originally_intended_recipient_name: bob,
  converted_encoded_information_types: { built_in_encoded_information_types: bits("0001") },
  content_identifier: "my id", extensions: deliveryExtensions }, "\x00".repeat(200), "L2"),
  "urgent, IA5 text converted to G3, two other recipients, redirected, DL-expanded, labelled, correlated, ten extensions, 200 octets of content");
MTS("delivery-result", "MessageDeliveryResult", {}, "nothing to say");
MTS("delivery-result-proof", "MessageDeliveryResult", { proof_of_delivery: { agorithmIdentifier: algorithm,
  signature: bits("10101010") } }, "a proof-of-delivery of eight bits");
const okReport = { actual_recipient_name: bob, report_type: { delivery: { message_delivery_time: utc(9, 30),
  type_of_MTS_user: 1 } } };
const badReport = { actual_recipient_name: tower, report_type: { non_delivery: { non_delivery_reason_code: 1,
  non_delivery_diagnostic_code: 0 } } };
const reporting = { subject_submission_identifier: mtsId("S1"), per_recipient_fields: [okReport] };
MTS("report-argument-delivered", "ReportDeliveryArgument", reporting, "submission S1 was delivered to Bob Smith's private UA at 09:30");
MTS("report-argument-full", "ReportDeliveryArgument", { ...reporting, content_identifier: "my id",
  content_type: { built_in: 22 }, original_encoded_information_types: { built_in_encoded_information_types: bits("001") },
  extensions: [
    extension(23, "ContentCorrelator", { octets: bytes("corr 17") }),
    extension(30, "OriginatorAndDLExpansionHistory", [{ originator_or_dl_name: alice, origination_or_expansion_time: utc(9, 26) },
      { originator_or_dl_name: orName({ ...ops, cn: "All Ops" }), origination_or_expansion_time: utc(9, 27) }]),
    extension(31, "ReportingDLName", orName({ ...ops, cn: "All Ops" })),
    extension(39, "ReportingMTAName", { domain: mtsId("").global_domain_identifier, mta_name: "mta1" })],
  per_recipient_fields: [okReport, { ...badReport, supplementary_information: "no such mailbox",
    originally_intended_recipient_name: alice, converted_encoded_information_types:
      { built_in_encoded_information_types: bits("0001") } }], returned_content: bytes("\x01\x02\x03") },
  "Bob: delivered; EDDFYFYX: unable-to-transfer, unrecognised-OR-name; expanded from a list; content 01 02 03 returned");
MTS("report-argument-many", "ReportDeliveryArgument", { ...reporting, per_recipient_fields:
  Array.from({ length: 20 }, (_, i) => i % 2 ? { ...badReport, actual_recipient_name: orName({ ...ops, cn: `User ${i}` }) }
    : { ...okReport, actual_recipient_name: orName({ ...ops, cn: `User ${i}` }) }) },
  "20 recipients, User 0 to User 19: the even ones delivered");
MTS("report-result", "ReportDeliveryResult", { empty_result: null }, "NULL");

// ---- P3: submission
const submitted = { originator_name: alice, content_type: { built_in: 22 }, per_recipient_fields: [
  { recipient_name: bob, originator_report_request: bits("00001") }] };
MTS("submission-argument", "MessageSubmissionArgument", { envelope: submitted, content: bytes("\x01\x02") },
  "content 01 02 of type 22 from Alice to Bob, non-delivery reports only");
MTS("submission-argument-full", "MessageSubmissionArgument", { envelope: { ...submitted, content_identifier: "sub-1",
  priority: 1, per_message_indicators: bits("1011"), deferred_delivery_time: utc(23, 0),
  extensions: [extension(1, "RecipientReassignmentProhibited", 1, FOR_DELIVERY),
    extension(5, "LatestDeliveryTime", utc(23, 59), FOR_DELIVERY), extension(23, "ContentCorrelator", { ia5text: "c" })],
  per_recipient_fields: [...submitted.per_recipient_fields, { recipient_name: tower, originator_report_request: bits("00011"),
    explicit_conversion: 0, extensions: [extension(2, "OriginatorRequestedAlternateRecipient", bob, "1"),
      extension(6, "RequestedDeliveryMethod", [0, 1])] }] }, content: bytes("") },
  "two recipients, deferred to 23:00, non-urgent, alternate recipient and method for the second, no content octets");
MTS("submission-result", "MessageSubmissionResult", { message_submission_identifier: mtsId("S1"),
  message_submission_time: utc(9, 27), content_identifier: "sub-1" }, "S1 at 09:27");
MTS("probe-argument", "ProbeSubmissionArgument", { ...submitted, content_length: 4711 }, "would 4711 octets reach Bob?");
MTS("probe-result", "ProbeSubmissionResult", { probe_submission_identifier: mtsId("P1"), probe_submission_time: utc(9, 27) }, "P1");
MTS("error-recipients", "ImproperlySpecifiedRecipients", [bob, tower], "the recipients that are improperly specified");
// ---- P3: what only full envelopes have
const bitSignature = { agorithmIdentifier: algorithm, signature: bits("10101010") };
const token = (n) => ({ token_type_identifier: oid("2.6.3.6.0"), token: int(n) });
const SECURITY = "IPMSSecurityExtensions.";
const securityExtension = (n, name, value) => ({ ...extension(n, element(SECURITY + name, value)),
  criticality: bits(FOR_DELIVERY) });
MTS("delivery-argument-tokens", "MessageDeliveryArgument", delivery({ ...delivered, extensions: [
  extension(16, "MessageToken", token(7), FOR_DELIVERY),
  extension(19, "MessageOriginAuthenticationCheck", bitSignature, FOR_DELIVERY),
  securityExtension(43, "BodyPartTokens", [
    { body_part_number: 1, body_part_choice: { encryption_token: { encryption_algorithm_identifier: algorithm,
      encrypted_key: bits("1010") } } },
    { body_part_number: 2, body_part_choice: { message_or_content_body_part: [{ body_part_number: 1,
      body_part_choice: { encryption_token: { encryption_algorithm_identifier: algorithm, encrypted_key: bits("01") } } }] } }]),
  securityExtension(44, "ForwardedContentToken", [
    { body_part_number: 1, body_part_choice: { forwarding_token: token(8) } },
    { body_part_number: 3, body_part_choice: { message_or_content_body_part: [{ body_part_number: 1,
      body_part_choice: { forwarding_token: token(9) } }] } }]),
  extension(41, element("IPMSInformationObjects.BlindCopyRecipientsField", [{ recipient: { formal_name: bob } }]))] }, "\x01"),
  "a message token, an origin authentication check, keys of two body parts, tokens of two forwarded ones, a blind copy");
MTS("report-argument-redirected", "ReportDeliveryArgument", { ...reporting, per_recipient_fields: [{ ...okReport,
  originally_intended_recipient_name: tower, extensions: [
    extension(25, "RedirectionHistory", [{ intended_recipient_name: { intended_recipient: tower,
      redirection_time: utc(9, 26, 55) }, redirection_reason: 0 }]),
    extension(27, "PhysicalForwardingAddress", orName({ c: "GB", a: "POST", cn: "Moved" })),
    extension(29, "ProofOfDelivery", bitSignature)] }] },
  "redirected from EDDFYFYX to Bob Smith, who has moved; with a proof of delivery");
MTS("probe-argument-full", "ProbeSubmissionArgument", { ...submitted, content_identifier: "probe-1", content_length: 4711,
  original_encoded_information_types: { built_in_encoded_information_types: bits("001") },
  per_message_indicators: bits("0110"), extensions: [
    extension(3, "DLExpansionProhibited", 1, FOR_DELIVERY), extension(23, "ContentCorrelator", { octets: bytes("c") }),
    extension(24, "ProbeOriginAuthenticationCheck", bitSignature, FOR_DELIVERY)],
  per_recipient_fields: [...submitted.per_recipient_fields, { recipient_name: tower, originator_report_request: bits("0001"),
    explicit_conversion: 8, extensions: [extension(2, "OriginatorRequestedAlternateRecipient", bob, "1")] }] },
  "two recipients, IA5 text, no conversion, no lists, an alternate recipient for the second");
MTS("submission-argument-forwarding", "MessageSubmissionArgument", { envelope: { ...submitted,
  extensions: [extension(36, int(17)), extension(42, "DLExemptedRecipients", [tower]),
    extension(21, "ProofOfSubmissionRequest", 1, "1")] }, content: bytes("") },
  "forwarding-request of entry 17, EDDFYFYX exempt from lists, proof of submission requested");
MTS("submission-result-proof", "MessageSubmissionResult", { message_submission_identifier: mtsId("S1"),
  message_submission_time: utc(9, 27), extensions: [extension(35, "ProofOfSubmission", bitSignature)] }, "S1, with a proof");

// ---- P3: controls, administration
const P22 = { built_in: 22 };
const ia5Text = { built_in_encoded_information_types: bits("001") };
const facsimile = [oid("2.6.3.4.3")];
const M88 = (name, type, value, meaning) => add(`mts/${name}`, `MTSAbstractService88.${type}`, value, meaning);
MTS("change-credentials", "ChangeCredentialsArgument", { old_credentials: simple("mtapw"),
  new_credentials: simple("newpw") }, "mtapw becomes newpw");
M88("control-argument-88", "DeliveryControls88", { permissible_operations: bits("") }, "nothing may be delivered");
M88("control-argument-88-full", "DeliveryControls88", { permissible_operations: bits("01"),
  permissible_maximum_content_length: 1000, permissible_lowest_priority: 2, permissible_content_types: [P22],
  permissible_encoded_information_types_88: ia5Text }, "messages only, 1000 octets, urgent, P22, IA5 text");
MTS("control-argument-94", "DeliveryControlArgument", { permissible_operations: bits("") }, "nothing may be delivered");
MTS("control-argument-94-full", "DeliveryControlArgument", { permissible_operations: bits("1"),
  permissible_maximum_content_length: 1000, permissible_lowest_priority: 1, permissible_content_types: [P22],
  permissible_encoded_information_types: { unacceptable_eits: facsimile } },
  "reports only, 1000 octets, non-urgent, P22, never facsimile");
const waiting = { waiting_operations: bits("01"), waiting_messages: bits("1"), waiting_content_types: [P22] };
MTS("control-result-88", "Waiting", { ...waiting, waiting_encoded_information_types: ia5Text },
  "messages wait, since they are long");
MTS("control-result-94", "DeliveryControlResult", waiting, "messages wait, since they are long");
MTS("submission-control-argument", "SubmissionControls", { permissible_operations: bits("1"),
  permissible_maximum_content_length: 4096 }, "probes only, 4096 octets");
MTS("operation-refused", "RefusedOperation", { refused_argument: { built_in_argument: 3 }, refusal_reason: 2 },
  "the length is not accepted");
MTS("operation-refused-extension", "RefusedOperation", { refused_argument: { refused_extension:
  { private_extension: oid("1.3.6.1.4.1.9999.42") } }, refusal_reason: 0 }, "there is no such extension here");
M88("register-argument-88", "Register88", { deliverable_maximum_content_length: 1000 }, "at most 1000 octets");
M88("register-argument-88-full", "Register88", { deliverable_encoded_information_types: ia5Text,
  deliverable_maximum_content_length: 1000, deliverable_content_types: [P22], default_delivery_controls: {
    permissible_operations: bits("11"), permissible_maximum_content_length: 500 } },
  "IA5 text, 1000 octets, P22, default controls");
const label = { security_policy_identifier: oid("1.3.6.1.4.1.9999.7"), security_classification: 3 };
M88("register-argument-88-redirection", "Register88", { user_name: alice, user_address: { x121: {
  x121_address: "23421920100515", tsap_id: "MHS" } }, labels_and_redirections: [{ user_security_label: label,
  recipient_assigned_alternate_recipient: bob }] }, "Alice at an X.121 address; what is confidential goes to Bob");
MTS("register-argument-94", "RegisterArgument", { deliverable_class: [{ maximum_content_length: 1000 }] },
  "a class of at most 1000 octets");
MTS("register-argument-94-full", "RegisterArgument", { deliverable_class: [{ content_types: [P22],
  maximum_content_length: 1000, encoded_information_types_constraints: { exclusively_acceptable_eits: [oid("2.6.3.4.2")] },
  objects: 0 }], default_delivery_controls: { permissible_maximum_content_length: 500 }, restricted_delivery: [
  { source_type: bits("001") }], retrieve_registrations: { standard_parameters: bits("001001") } },
  "messages of P22 with IA5 text alone; only lists are named; what is registered");
const redirection = { redirection_classes: [{ security_labels: [label], priority: [2], objects: 1,
  applies_only_to: [{ permitted: false, source_name: { exact_match: tower } }] }],
  recipient_assigned_alternate_recipient: bob };
const registered = { user_name: alice, user_address: { presentation: { pSelector: bytes("P"),
  nAddresses: [bytes("net")] } }, redirections: [redirection], restricted_delivery: [
  { permitted: false, source_name: { pattern_match: orName({ c: "XX", a: "ICAO" }) } }, {}] };
MTS("register-argument-94-redirection", "RegisterArgument", registered,
  "Alice by OSI; urgent confidential reports, unless about EDDFYFYX's, go to Bob; nobody of ICAO may send, others may");
MTS("register-result-94", "RegisterResult", { empty_result: null }, "nothing was asked");
MTS("register-result-94-full", "RegisterResult", { non_empty_result: { registered_information: registered } },
  "what the other argument registers");

MS("submission-argument-1994", "MSMessageSubmissionArgument", { envelope: submitted, content: bytes("\x01\x02"),
  submission_options: { object_entry_class: 2 } }, "kept as a draft");
MS("submission-result-1994", "MSMessageSubmissionResult", { mts_result: { message_submission_identifier: mtsId("S1"),
  message_submission_time: utc(9, 27), ms_message_result: { created_entry: 8 } } }, "S1; stored as entry 8");
MS("submission-argument-options", "MSMessageSubmissionArgument", { envelope: submitted, content: bytes("\x01\x02"),
  submission_options: { object_entry_class: 1, disable_auto_modify: true, add_message_group_names: [["projects", "north"]] } },
  "stored, not modified, in the group projects north");
MS("probe-argument-1994", "MSProbeSubmissionArgument", { ...submitted, content_length: 4711,
  submission_options: { object_entry_class: 1 } }, "would 4711 octets reach Bob? stored");
MS("probe-result-1994", "MSProbeSubmissionResult", { probe_submission_identifier: mtsId("P1"),
  probe_submission_time: utc(9, 27), ms_probe_result: { created_entry: 10 } }, "P1; stored as entry 10");
MS("submission-result-draft", "MSMessageSubmissionResult", { store_draft_result: { created_entry: 9 } }, "draft 9");

// ---- IPM and IPN
const ident = (user, user_relative_identifier) => ({ user, user_relative_identifier });
const desc = (formal_name, free_form_name, telephone_number) => ({ formal_name, free_form_name:
  free_form_name && bytes(free_form_name), telephone_number });
const text = (data) => ({ basic: { ia5_text: { parameters: {}, data } } });
const heading = { this_IPM: ident(alice, "7 260314092653Z"), originator: desc(alice),
  primary_recipients: [{ recipient: desc(bob) }], subject: bytes("hello") };
const instance = (direct_reference, value) => new A.External(oid(direct_reference), undefined, undefined, value);
const extended = (n, parameters, data) => ({ extended: {
  parameters: parameters && instance(`2.6.1.11.${n}`, parameters), data: instance(`2.6.1.4.${n}`, data) } });
IPM("ipm", "InformationObject", { ipm: { heading, body: [text("Hello\r\n")] } }, "hello, one IA5 text");
IPM("ipm-empty-body", "InformationObject", { ipm: { heading: { this_IPM: { user_relative_identifier: "1" } }, body: [] } },
  "nothing but its identifier, which names no user");
const headingExtension = (n, value) => ({ type_: oid(`2.6.1.5.${n}`), value });
const fullHeading = { ...heading, originator: desc(alice, "Alice Jones", "+44 20 5550 100"), authorizing_users: [desc(tower)],
  primary_recipients: [{ recipient: desc(bob), notification_requests: bits("111"), reply_requested: true },
    { recipient: desc(tower) }], copy_recipients: [{ recipient: desc(alice) }],
  blind_copy_recipients: [{ recipient: desc(undefined, "somebody") }], replied_to_IPM: ident(bob, "3"),
  obsoleted_IPMs: [ident(alice, "5"), ident(alice, "6")], related_IPMs: [ident(undefined, "R")],
  subject: bytes("Gr\xfc\xdfe"), expiry_time: utc(23, 0), reply_time: utc(22, 0), reply_recipients: [desc(alice)],
  importance: 2, sensitivity: 3, auto_forwarded: true, extensions: [
    headingExtension(0, nul()), headingExtension(1, element("IPMSHeadingExtensions.Language", "en")),
    headingExtension(2, enumerated(1)), headingExtension(5, universal(24, "generalizedTime", utc(8, 0))),
    headingExtension(11, universal(30, "bmpString", "REF 1"))] };
IPM("heading-full", "Heading", fullHeading, "every field, five extensions, a subject in ISO 8859-1");
IPM("ipm-bodies", "InformationObject", { ipm: { heading, body: [
  text("one"),
  { basic: { ia5_text: { parameters: { repertoire: 2 }, data: "ITA2" } } },
  { basic: { teletex: { parameters: { number_of_pages: 2, telex_compatible: true },
    data: [bytes("page 1"), bytes("page 2")] } } },
  { basic: { g3_facsimile: { parameters: { number_of_pages: 1 }, data: [bits("1010101")] } } },
  { basic: { bilaterally_defined: bytes("\x00\xff") } },
  { basic: { nationally_defined: ia5("of a nation") } }] } },
  "IA5 text twice, the second ITA2; teletex of two pages; facsimile; bilaterally and nationally defined");
IPM("ipm-extended-bodies", "InformationObject", { ipm: { heading, body: [
  extended(11, element("IPMSExtendedBodyPartTypes2.GeneralTextParameters", [1, 6, 100]), universal(27, "generalString", "general text")),
  extended(12, element("IPMSFileTransferBodyPartType.FileTransferParameters", { file_attributes: {
    pathname: { incomplete_pathname: ["file.bin"] }, object_size: { actual_values: 4 } } }),
  element("IPMSFileTransferBodyPartType.FileTransferData", [new A.External(oid("2.1.1"), undefined, undefined,
    bytes("\x00\x01\x02\x03"))])),
  extended(0, undefined, ia5("an extended part with no parameters"))] } },
  "general text in ISO 8859-1, the file file.bin of 4 octets, a part without parameters");
IPM("ipm-forwarded", "InformationObject", { ipm: { heading: { ...heading, subject: bytes("FW: hello") }, body: [
  text("see below"), { basic: { message: { parameters: { delivery_time: utc(9, 27), delivery_envelope: delivered },
    data: { heading, body: [text("Hello\r\n"), { basic: { message: { parameters: {}, data: { heading: { this_IPM:
      { user_relative_identifier: "1" } }, body: [] } } } }] } } } }] } },
  "a cover note and a forwarded message with its envelope, in which another is forwarded without one");
IPM("ipn-receipt", "InformationObject", { ipn: { subject_ipm: ident(alice, "7 260314092653Z"), ipn_originator: desc(bob),
  choice: { receipt_fields: { receipt_time: utc(10, 0), acknowledgment_mode: 1, suppl_receipt_info: "read" } } } },
  "Bob's UA acknowledges receipt at 10:00 by itself");
IPM("ipn-non-receipt", "InformationObject", { ipn: { subject_ipm: ident(alice, "7"), ipn_originator: desc(bob),
  ipm_intended_recipient: desc(tower), conversion_eits: { built_in_encoded_information_types: bits("001") },
  choice: { non_receipt_fields: { non_receipt_reason: 1, auto_forward_comment: "away",
    returned_ipm: { heading, body: [] } } } } }, "auto-forwarded with a comment, the message returned");
IPM("ipn-discarded", "InformationObject", { ipn: { subject_ipm: ident(alice, "7"), choice: { non_receipt_fields:
  { non_receipt_reason: 0, discard_reason: 1 } } } }, "discarded: obsoleted");

// ---- the layers below
const ROSE = (name, type, value, meaning) => add(`rose/${name}`, `Remote-Operations-Generic-ROS-PDUs.${type}`, value, meaning);
const id = (n) => ({ present: n });
ROSE("invoke", "ROS", { invoke: { invokeId: id(7), opcode: { local: 22 }, argument:
  element("MSAbstractService.FetchArgument", { item: { precise: 5 } }) } }, "7: fetch of entry 5");
ROSE("invoke-linked", "ROS", { invoke: { invokeId: id(128), linkedId: id(7), opcode: { local: 25 } } }, "128, linked to 7, no argument");
ROSE("result", "ROS", { returnResult: { invokeId: id(7), result: { opcode: { local: 23 }, result: nul() } } }, "7: deleted");
ROSE("result-empty", "ROS", { returnResult: { invokeId: id(-1) } }, "-1, no result");
ROSE("error", "ROS", { returnError: { invokeId: id(7), errcode: { local: 25 }, parameter:
  element("MSAbstractService.range-error-ParameterType", { problem: 0 }) } }, "7: range-error, reversed");
ROSE("reject-invoke", "ROS", { reject: { invokeId: id(7), problem: { invoke: 1 } } }, "7: unrecognised operation");
ROSE("reject-general", "ROS", { reject: { invokeId: { absent: null }, problem: { general: 2 } } }, "badly structured PDU");
ROSE("bind", "Bind", { bind_invoke: element("MSAbstractService.MSBindArgument", bind) }, "the MS-bind of Alice");
ROSE("bind-error", "Bind", { bind_error: enumerated(0) }, "authentication-error");
ROSE("unbind", "Unbind", { unbind_invoke: nul() }, "unbind");
const ACSE = (name, type, value, meaning) => add(`acse/${name}`, `ACSE-1.${type}`, value, meaning);
const external = (n, value) => new A.External(undefined, n, undefined, value);
const opaque = () => element("Remote-Operations-Generic-ROS-PDUs.Unbind", { unbind_invoke: nul() });
ACSE("aarq", "AARQ-apdu", { aSO_context_name: oid("2.6.0.1.4"), user_information: [external(3, opaque())] },
  "ms-access-88, user-information on context 3");
ACSE("aarq-titles", "AARQ-apdu", { protocol_version: bits("1"), aSO_context_name: oid("2.6.0.1.1"),
  called_AP_title: { ap_title_form2: oid("1.3.9999.1") }, called_AE_qualifier: { aso_qualifier_form2: 3 },
  calling_AP_title: { ap_title_form2: oid("1.3.9999.2") }, calling_AP_invocation_identifier: 5,
  implementation_information: "peer" }, "forced access of 1988, titles as object identifiers, implementation named");
ACSE("aare-accepted", "AARE-apdu", { aSO_context_name: oid("2.6.0.1.4"), result: 0,
  result_source_diagnostic: { acse_service_user: 0 }, user_information: [external(3, opaque())] }, "accepted");
ACSE("aare-rejected", "AARE-apdu", { aSO_context_name: oid("2.6.0.1.4"), result: 1,
  result_source_diagnostic: { acse_service_user: 2 } }, "rejected for good: application context not supported");
ACSE("aare-rejected-provider", "AARE-apdu", { aSO_context_name: oid("2.6.0.1.4"), result: 2,
  result_source_diagnostic: { acse_service_provider: 2 } }, "rejected for now: no common ACSE version");
ACSE("rlrq", "RLRQ-apdu", { reason: 0, user_information: [external(3, opaque())] }, "normal release");
ACSE("rlre", "RLRE-apdu", { reason: 0 }, "normal release");
ACSE("abrt", "ABRT-apdu", { abort_source: 0 }, "by the user");
ACSE("abrt-provider", "ABRT-apdu", { abort_source: 1, abort_diagnostic: 2 }, "by the provider: protocol error");
const PRES = (name, type, value, meaning) => add(`presentation/${name}`, `ISO8823-PRESENTATION.${type}`, value, meaning);
const context = (n, abstract) => ({ presentation_context_identifier: n, abstract_syntax_name: oid(abstract),
  transfer_syntax_name_list: [oid("2.1.1")] });
const fully = (n, value, syntax) => ({ fully_encoded_data: [{ transfer_syntax_name: syntax,
  presentation_context_identifier: n, presentation_data_values: { single_ASN1_type: value } }] });
const abrt = () => element("ACSE-1.ABRT-apdu", { abort_source: 0 });
PRES("cp", "CP-type", { mode_selector: { mode_value: 1 }, normal_mode_parameters: {
  calling_presentation_selector: bytes("UA"), called_presentation_selector: bytes("MS"),
  presentation_context_definition_list: [context(1, "2.2.1.0.1"), context(3, "2.6.0.2.9"), context(5, "2.6.0.2.5")],
  user_data: fully(1, abrt()) } }, "three contexts, both selectors, an APDU on context 1");
PRES("cpa", "CPA-PPDU", { mode_selector: { mode_value: 1 }, normal_mode_parameters: {
  responding_presentation_selector: bytes("MS"), presentation_context_definition_result_list: [
    { result: 0, transfer_syntax_name: oid("2.1.1") }, { result: 2, provider_reason: 1 }],
  user_data: fully(1, abrt()) } }, "the first context accepted, the second unknown");
PRES("cpr", "CPR-PPDU", { normal_mode_parameters: { provider_reason: 2 } }, "local limit exceeded");
PRES("aru", "ARU-PPDU", { normal_mode_parameters: { presentation_context_identifier_list: [
  { presentation_context_identifier: 1, transfer_syntax_name: oid("2.1.1") }], user_data: fully(1, abrt()) } }, "user abort");
PRES("arp", "ARP-PPDU", { provider_reason: 1, event_identifier: 4 }, "unrecognised PPDU: TD");
PRES("data", "User-data", fully(5, int(1)), "one value on context 5");
PRES("data-syntax", "User-data", fully(5, int(1), oid("2.1.1")), "... with the transfer syntax named");
PRES("data-octets", "User-data", { fully_encoded_data: [{ presentation_context_identifier: 5,
  presentation_data_values: { octet_aligned: bytes("\x02\x01\x01") } }, { presentation_context_identifier: 3,
  presentation_data_values: { arbitrary: bits("000000100000000100000010") } }] },
  "two values, octet-aligned on context 5 and arbitrary on context 3");

const NOTE = "# as published: it differs from the standard, in its tags or as README.md says; never to be written\n";
let written = 0;
for (const [path, type, value, meaning] of vectors) {
  let octets;
  try {
    octets = Buffer.from(element(type, value).toBytes());
  } catch (error) {
    console.error(`${path}: ${error.stack.split("\n").slice(0, 4).join(" | ")}`);
    continue;
  }
  const hex = octets.toString("hex").match(/.{1,64}/g).map((line) => line.match(/../g).join(" ")).join("\n");
  const file = join(out, asPublished ? "as-published" : "", `${path}.hex`);
  if (asPublished && existsSync(join(out, `${path}.hex`))
    && readFileSync(join(out, `${path}.hex`), "utf8").endsWith(`\n${hex}\n`)) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `# ${type.replace("-ParameterType", " parameter")}: ${meaning}\n${asPublished ? NOTE : ""}${hex}\n`);
  written += 1;
}
console.log(`${written} of ${vectors.length} written`);
