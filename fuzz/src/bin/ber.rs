//! X.690 elements as they nest: what the reader hands out lies inside what it was given, and a
//! walk over it ends. It judges no value.

#![no_main]

use restante_ber::Reader;

libfuzzer_sys::fuzz_target!(|data: &[u8]| walk(Reader::new(data), data));

fn walk(mut reader: Reader<'_>, within: &[u8]) {
    while let Ok(Some(element)) = reader.next_element() {
        assert!(within.as_ptr_range().start <= element.octets().as_ptr());
        assert!(element.octets().as_ptr_range().end <= within.as_ptr_range().end);
        assert!(element.contents().len() < element.octets().len());
        if let Ok(children) = element.children() {
            walk(children, element.contents());
        }
    }
}
