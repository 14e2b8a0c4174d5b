//! How a call ended crosses as a pointer in Kotlin. As UniFFI writes it, JNA makes two structures for it, reads and
//! writes their fields by reflection, and cleans them up: of the 14 µs that a call took this was more than 13. The other
//! half is `CallStatus.kt`, beside the generated file.

use std::fmt;

/// What UniFFI writes, and what stands there instead; each at least once.
const EDITS: &[(&str, &str)] = &[
    (
        "uniffi_out_err: UniffiRustCallStatus,",
        "uniffi_out_err: Pointer,",
    ),
    (
        "uniffiCallStatus: UniffiRustCallStatus,",
        "uniffiCallStatus: Pointer,",
    ),
    (
        "callback: (UniffiRustCallStatus) -> U",
        "callback: (Pointer) -> U",
    ),
    (
        "completeFunc: (Long, UniffiRustCallStatus) -> F",
        "completeFunc: (Long, Pointer) -> F",
    ),
    (
        "    callStatus: UniffiRustCallStatus,",
        "    callStatus: Pointer,",
    ),
    (
        "    var status = UniffiRustCallStatus()
    val return_value = callback(status)
    uniffiCheckCallStatus(errorHandler, status)
    return return_value
",
        "    return withCallStatus(callback) { uniffiCheckCallStatus(errorHandler, it) }
",
    ),
    (
        "callStatus.code = UNIFFI_CALL_ERROR
            callStatus.error_buf = lowerError(e)
",
        "CallStatus.write(callStatus, UNIFFI_CALL_ERROR, lowerError(e))
",
    ),
    (
        "        callStatus.code = UNIFFI_CALL_UNEXPECTED_ERROR
        callStatus.error_buf = FfiConverterString.lower(err)
",
        "        CallStatus.write(callStatus, UNIFFI_CALL_UNEXPECTED_ERROR, FfiConverterString.lower(err))
",
    ),
    (
        "            callStatus.code = UNIFFI_CALL_UNEXPECTED_ERROR
            callStatus.error_buf = FfiConverterString.lower(err)
",
        "            CallStatus.write(callStatus, UNIFFI_CALL_UNEXPECTED_ERROR, FfiConverterString.lower(err))
",
    ),
];

/// UniFFI writes something else than this was made for.
#[derive(Debug)]
pub struct Unknown(&'static str);

impl fmt::Display for Unknown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "this version of UniFFI does not write the Kotlin that bindings/bindgen/src/call_status.rs replaces; \
             compare it with what it writes now, of which this is missing:\n{}",
            self.0
        )
    }
}

impl std::error::Error for Unknown {}

/// The generated Kotlin with these edits.
pub fn by_pointer(generated: &str) -> Result<String, Unknown> {
    EDITS
        .iter()
        .try_fold(generated.to_owned(), |text, (from, to)| {
            if text.contains(from) {
                Ok(text.replace(from, to))
            } else {
                Err(Unknown(from))
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said() {
        let all: String = EDITS.iter().map(|(from, _)| *from).collect();
        assert!(by_pointer(&all).is_ok());
        for (from, _) in EDITS {
            let error = by_pointer(&all.replace(from, "")).unwrap_err().to_string();
            assert!(error.contains(from.lines().next().unwrap()), "{error}");
        }
    }
}
