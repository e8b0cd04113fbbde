//! Wire vectors of abstract-errors.

use super::*;
use crate::vectors::{hex, name};

#[track_caller]
fn round_trip(error: &MTSAbstractError, code: i64, parameter: &str) {
    let parts = error.to_parts();
    assert_eq!(parts, (code, Any(hex(parameter))));
    assert_eq!(MTSAbstractError::of_parts(code, Some(&parts.1)).as_ref(), Ok(error));
}

#[test]
fn errors_with_a_parameter() {
    let problem = SecurityProblem::AUTHENTICATION_PROBLEM;
    round_trip(&MTSAbstractError::SecurityError(problem), 12, "02 01 01");
    round_trip(
        &MTSAbstractError::RecipientImproperlySpecified(vec![name("B")]),
        3,
        "30 07 60 05 30 03 81 01 42",
    );
    let refused = |refused_argument| {
        MTSAbstractError::OperationRefused(RefusedOperation {
            refused_argument,
            refusal_reason: RefusalReason::PARAMETER_UNACCEPTABLE,
        })
    };
    let restrict = RefusedOperationArgument::BuiltInArgument(RefusedArgument::RESTRICT);
    round_trip(&refused(restrict), 16, "31 06 81 01 0a 82 01 02");
    let extension = ExtensionType::StandardExtension(5);
    round_trip(
        &refused(RefusedOperationArgument::RefusedExtension(extension)),
        16,
        "31 06 80 01 05 82 01 02",
    );
}

#[test]
fn errors_without_one() {
    for code in [1, 2, 4, 5, 6, 7, 8, 10, 11, 13, 14, 15] {
        let error = MTSAbstractError::of_parts(code, None).unwrap();
        round_trip(&error, code, "05 00");
    }
    for code in [0, 3, 9, 12, 16, 17, 26] {
        assert!(MTSAbstractError::of_parts(code, None).is_err(), "{code}");
    }
}
