//! The demo, run as a newcomer runs it: every check in it holds, and `tshark` reads its traffic.

use crate::store::PROGRAM;
use restante_testkit::process::run;
use restante_testkit::tshark::{Dissection, Excuse};

const EXCUSES: &[Excuse] = &[Excuse {
    line: "(unknown content-type)",
    reason: "the dissector reads the attribute content only behind a content-type of P1 or P3",
}];

/// What `tshark` must show by name, at least so often.
const EXPECTED: &[(&str, usize)] = &[
    ("MTSBindArgument", 1),
    ("MTSBindResult", 1),
    ("MessageDeliveryArgument", 5),
    ("MessageDeliveryResult", 5),
    ("ReportDeliveryArgument", 1),
    ("MSBindArgument", 3),
    ("MSBindResult", 2),
    ("ListArgument", 5),
    ("ListResult", 5),
    ("FetchArgument", 6),
    ("FetchResult", 5),
    ("SummarizeArgument", 1),
    ("SummarizeResult", 1),
    ("DeleteArgument", 1),
    ("PAR-sequence-number-error", 1),
];

/// Values that the demo puts in, and that `tshark` must read out of the PDUs.
const VALUES: &[(&str, usize)] = &[
    ("mTA: demo-mta", 1),
    ("subject: Weather", 2),
    ("subject: Flight plan", 1),
    ("subject: Fwd: Monday", 1),
    ("subject: Monday", 1),
    ("priority: urgent (2)", 1),
    ("content-type: extended (1) (STANAG 4406)", 1),
    ("local-identifier: demo-1", 1),
    ("local-identifier: demo-5", 1),
    ("report-type: non-delivery (1)", 1),
    ("non-delivery-reason-code: unable-to-transfer (1)", 1),
    ("non-delivery-diagnostic-code: unrecognised-OR-name (0)", 1),
    ("count: 5", 1),
    ("lowest: 1", 1),
    ("highest: 6", 1),
];

#[test]
fn the_demo_succeeds_and_tshark_reads_its_traffic() {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let output = run(PROGRAM, directory.path(), &["demo", "--capture", "demo.pcap"]);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}\n{}", String::from_utf8_lossy(&output.stderr));
    let dissection = Dissection::of(&directory.path().join("demo.pcap"));
    let complaints = dissection.complaints(EXCUSES);
    assert!(complaints.is_empty(), "{}", complaints.join("\n\n"));
    for (text, times) in EXPECTED.iter().chain(VALUES) {
        assert!(dissection.count(text) >= *times, "`{text}` {} times", dissection.count(text));
    }
}
