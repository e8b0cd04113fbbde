//! What is fetched is octet for octet what was delivered: in every encoding of the delivery, at
//! the smallest TPDU size, at no octets and at many.

use crate::store::{directory, runtime, start};
use bytes::Bytes;
use restante_ber::{Reader, Rope};
use restante_testkit::peers;

/// An encoding of the same value with every constructed element in the indefinite form and every
/// OCTET STRING in segments of `segment` octets.
fn otherwise_encoded(octets: &[u8], segment: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut reader = Reader::new(octets);
    while let Some(element) = reader.next_element().expect("a well-formed value") {
        let identifier = element.octets()[0];
        if element.constructed {
            out.extend([identifier, 0x80]);
            out.extend(otherwise_encoded(element.contents(), segment));
            out.extend([0, 0]);
        } else if identifier == 0x04 {
            out.extend([0x24, 0x80]);
            for part in element.contents().chunks(segment) {
                out.push(0x04);
                out.extend([0x84]);
                out.extend(u32::try_from(part.len()).expect("short").to_be_bytes());
                out.extend(part);
            }
            out.extend([0, 0]);
        } else {
            out.extend(element.octets());
        }
    }
    out
}

/// Octets that look like nothing.
fn noise(length: usize) -> Bytes {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let octet = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    (0..length).map(octet).collect::<Vec<u8>>().into()
}

#[test]
fn contents_come_back_as_they_were() {
    let directory = directory("");
    let process = start(directory.path());
    let address = process.address();
    let message = peers::short_message("fidelity").to_bytes();
    let inner_indefinite = Bytes::from(otherwise_encoded(&message, 3));
    let large = noise(32 << 20);
    let contents = [Bytes::new(), noise(1), message.clone(), inner_indefinite, noise(100_000)];
    let work = async {
        let mut mta = peers::mta(peers::call(&address)).await?;
        let mut small = peers::call(&address);
        small.tpdu_size = Some(128);
        let mut mta_small = peers::mta(small).await?;
        let mut expected = Vec::new();
        for (at, content) in contents.iter().enumerate() {
            let argument =
                |which: &str| peers::argument(&format!("{at}.{which}"), content.clone().into());
            mta.deliver(argument("plain")).await?;
            mta_small.deliver(argument("small")).await?;
            for segment in [7, 1000] {
                let plain = argument(&format!("in {segment}")).to_bytes();
                mta.deliver(Rope::from(otherwise_encoded(&plain, segment))).await?;
            }
            expected.extend(std::iter::repeat_n(content.clone(), 4));
        }
        mta.deliver(peers::argument("large", large.clone().into())).await?;
        mta_small.deliver(peers::argument("large small", large.clone().into())).await?;
        expected.extend([large.clone(), large.clone()]);
        mta.unbind().await?;
        mta_small.unbind().await?;
        let mut small = peers::call(&address);
        small.tpdu_size = Some(128);
        for options in [peers::call(&address), small] {
            let mut alice = peers::alice(options).await?;
            let entries = peers::list(&mut alice).await?;
            assert_eq!(entries.len(), expected.len());
            for ((number, identifier), expected) in entries.iter().zip(&expected) {
                let content = peers::content(&mut alice, *number).await?;
                assert!(content == *expected, "{identifier}, {number}: another content");
            }
            alice.unbind().await?;
        }
        Ok::<(), restante_client::ClientError>(())
    };
    runtime().block_on(work).expect("the store answers");
    process.terminate();
}
