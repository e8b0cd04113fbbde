//! Writes SPDUs (X.225 §8), each as a TSDU of its own: one piece for all that is ours, then the
//! user data in its own pieces. Units stand in the order of their codes, as §8.2 wants them, and
//! lengths have the short form where they fit it. User data that is too much for one SPDU, or for
//! the TSDU size that the peer demanded, goes out in segments with enclosure items (§7.37).

use crate::x225::spdu::{Kind, code};
use bytes::Bytes;
use restante_ber::Rope;

/// The longest parameter field.
const FIELD_MAX: usize = 65_535;
/// An identifier and its length indicator of the longer form.
const UNIT_HEADER_MAX: usize = 4;
/// An enclosure item.
const ENCLOSURE_LEN: usize = 3;
const BEGINNING: u8 = 1;
const END: u8 = 2;

/// The parameters of an SPDU.
#[derive(Debug, Default)]
pub(super) struct Field(Vec<u8>);

impl Field {
    /// Adds a unit; an empty value leaves none.
    pub(super) fn with(mut self, code: u8, value: &[u8]) -> Self {
        if !value.is_empty() {
            self.0.push(code);
            put_len(&mut self.0, value.len());
            self.0.extend_from_slice(value);
        }
        self
    }

    /// Adds a group of units, where there are any.
    pub(super) fn with_group(self, code: u8, group: &Self) -> Self {
        self.with(code, &group.0)
    }

    /// How many octets they take.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// The short length indicator where it fits. What is longer than 65,535 has been refused before.
fn put_len(octets: &mut Vec<u8>, len: usize) {
    match u8::try_from(len) {
        Ok(short @ 0..=254) => octets.push(short),
        _ => {
            let [high, low] = u16::try_from(len).unwrap_or(u16::MAX).to_be_bytes();
            octets.extend([0xff, high, low]);
        }
    }
}

/// An SPDU without user data.
pub(super) fn plain(kind: Kind, field: &Field) -> Rope {
    let mut spdu = vec![kind.si()];
    put_len(&mut spdu, field.0.len());
    spdu.extend_from_slice(&field.0);
    Rope::from(spdu)
}

/// An SPDU that must come after a GT, without user data.
pub(super) fn concatenated(kind: Kind, field: &Field) -> Rope {
    let mut tsdu = plain(kind, field);
    tsdu.push_front(&[1, 0][..]);
    tsdu
}

/// An SPDU that ends with a parameter of user data, in which `prefix` stands before the data.
/// Empty user data leaves no parameter if there is no prefix.
pub(super) fn with_data(kind: Kind, field: &Field, code: u8, prefix: &[u8], data: Rope) -> Rope {
    let len = prefix.len() + data.len();
    if len == 0 {
        return plain(kind, field);
    }
    let mut unit = vec![code];
    put_len(&mut unit, len);
    unit.extend_from_slice(prefix);
    let mut spdu = vec![kind.si()];
    put_len(&mut spdu, field.0.len() + unit.len() + data.len());
    spdu.extend_from_slice(&field.0);
    spdu.extend_from_slice(&unit);
    let mut rope = Rope::from(spdu);
    rope.append(data);
    rope
}

/// An SPDU of version 2 with user data of any length, in segments where `tsdu_max` or the length
/// of an SPDU demand it: `before` and `after` are the parameters on either side of the enclosure
/// item, and stand in the first segment only.
pub(super) fn segmented(
    kind: Kind,
    before: Field,
    after: &Field,
    mut data: Rope,
    tsdu_max: Option<usize>,
) -> Vec<Rope> {
    let mut tsdus = Vec::new();
    let max = tsdu_max.unwrap_or(usize::MAX).min(FIELD_MAX);
    let room = |ours: usize| max.saturating_sub(2 * UNIT_HEADER_MAX + ENCLOSURE_LEN + ours).max(1);
    let mut field = before;
    let mut after = Some(after);
    let mut position = BEGINNING;
    loop {
        let ours = field.0.len() + after.map_or(0, |after| after.0.len());
        let part = data.split_to(room(ours));
        if data.is_empty() {
            position |= END;
        }
        if position != BEGINNING | END {
            field = field.with(code::ENCLOSURE, &[position]);
        }
        if let Some(after) = after.take() {
            field.0.extend_from_slice(&after.0);
        }
        tsdus.push(with_data(kind, &field, code::USER_DATA, &[], part));
        if data.is_empty() {
            return tsdus;
        }
        field = Field::default();
        position = 0;
    }
}

/// CDO SPDUs with what a CN could not take, of which there is some. Their enclosure items never
/// tell a beginning: that was the CN.
pub(super) fn connect_data_overflow(mut data: Rope, tsdu_max: Option<usize>) -> Vec<Rope> {
    let max = tsdu_max.unwrap_or(usize::MAX).min(FIELD_MAX);
    let room = max.saturating_sub(2 * UNIT_HEADER_MAX + ENCLOSURE_LEN).max(1);
    let mut tsdus = Vec::new();
    while !data.is_empty() {
        let part = data.split_to(room);
        let position = if data.is_empty() { END } else { 0 };
        let field = Field::default().with(code::ENCLOSURE, &[position]);
        tsdus.push(with_data(Kind::ConnectDataOverflow, &field, code::USER_DATA, &[], part));
    }
    tsdus
}

/// DT SPDUs, each after a GT without tokens: one, unless `tsdu_max` demands segments.
pub(super) fn data_transfer(mut data: Rope, tsdu_max: Option<usize>) -> Vec<Rope> {
    const WHOLE: &[u8] = &[1, 0, 1, 0];
    const SEGMENT_HEADER_LEN: usize = 7;
    let max = tsdu_max.unwrap_or(usize::MAX);
    if data.len() <= max.saturating_sub(WHOLE.len()) {
        data.push_front(WHOLE);
        return vec![data];
    }
    let mut tsdus = Vec::new();
    let mut position = BEGINNING;
    while !data.is_empty() {
        let mut segment = data.split_to(max.saturating_sub(SEGMENT_HEADER_LEN).max(1));
        if data.is_empty() {
            position |= END;
        }
        let header = [1, 0, 1, 3, code::ENCLOSURE, 1, position];
        segment.push_front(Bytes::copy_from_slice(&header));
        tsdus.push(segment);
        position = 0;
    }
    tsdus
}
