//! What was added to an entry after it was made (X.413 §8.3.8 and what auto-actions note): values
//! that take the place of those that the extractor made, kept in the form of these.

use std::collections::BTreeMap;

use restante_ber::{Bytes, Decode, Encode, Rope, UtcTime};
use restante_mhs::x413::AttributeValue;
use restante_storage::EntryRow;

use super::blob::Blob;
use super::{BlobWriter, Key};

const SECOND_US: i64 = 1_000_000;

/// Attributes that were added to an entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Amendment(BTreeMap<Key, Vec<Bytes>>);

impl Amendment {
    /// From its octets.
    pub(crate) fn read(octets: Bytes) -> Self {
        let blob = Blob::new(octets);
        let mut all = Self::default();
        for place in blob.all() {
            let mut values = Vec::new();
            place.values(&blob.here(), &mut values);
            let values = values.iter().map(Rope::to_bytes);
            all.0.entry(place.key()).or_default().extend(values);
        }
        all
    }

    /// Its octets; none where nothing is added.
    pub(crate) fn octets(&self) -> Bytes {
        if self.0.is_empty() {
            return Bytes::new();
        }
        let mut writer = BlobWriter::default();
        for (key, values) in &self.0 {
            values.iter().for_each(|value| writer.here(*key, value));
        }
        writer.finish()
    }

    /// The values of an attribute, each the BER of one.
    pub(crate) fn values(&self, key: Key) -> &[Bytes] {
        self.0.get(&key).map(Vec::as_slice).unwrap_or_default()
    }

    /// Gives an attribute these values; none takes it away.
    pub(crate) fn set(&mut self, key: Key, values: Vec<Bytes>) {
        if values.is_empty() {
            self.0.remove(&key);
        } else {
            self.0.insert(key, values);
        }
    }

    /// When an entry with it that was made then has been stored for as long as it is to be,
    /// microseconds since 1970; `None` where it does not say.
    pub(crate) fn stored_until(&self, creation_time: i64) -> Option<i64> {
        let one = |key| self.values(key).first();
        let time = one(Key::STORAGE_TIME).and_then(|octets| UtcTime::from_bytes(octets).ok());
        let period = one(Key::STORAGE_PERIOD).and_then(|octets| i64::from_bytes(octets).ok());
        let created = creation_time.div_euclid(SECOND_US);
        let until = time.map(|time| time.0).or(period.map(|p| created.saturating_add(p)));
        until.map(|seconds| seconds.saturating_mul(SECOND_US))
    }

    /// Gives an attribute one value.
    pub(crate) fn set_one<T: Encode>(&mut self, key: Key, value: &T) {
        self.set(key, vec![value.to_ber()]);
    }
}

/// The values that an amendment gives an attribute of an entry. Storage-period and storage-time
/// follow from each other.
pub(super) fn amended(blob: &Blob, row: &EntryRow<'_>, key: Key) -> Vec<AttributeValue> {
    let values = |key| {
        let mut values = Vec::new();
        blob.places(key).for_each(|place| place.values(&blob.here(), &mut values));
        values
    };
    let told = values(key);
    let one = |key| values(key).first().map(Rope::to_bytes);
    let created = row.creation_time.div_euclid(1_000_000);
    let derived = match key {
        _ if !told.is_empty() => None,
        Key::STORAGE_TIME => one(Key::STORAGE_PERIOD)
            .and_then(|octets| i64::from_bytes(&octets).ok())
            .map(|period| AttributeValue::of(&UtcTime(created.saturating_add(period)))),
        Key::STORAGE_PERIOD => one(Key::STORAGE_TIME)
            .and_then(|octets| UtcTime::from_bytes(&octets).ok())
            .map(|time| AttributeValue::of(&time.0.saturating_sub(created))),
        _ => None,
    };
    told.into_iter().map(AttributeValue).chain(derived).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_read() {
        let mut amendment = Amendment::default();
        assert!(amendment.octets().is_empty());
        let names = [&[0x30, 3, 0x1b, 1, b'a'][..], &[0x30, 3, 0x1b, 1, b'b']];
        let names: Vec<_> = names.into_iter().map(Bytes::from_static).collect();
        amendment.set(Key::MESSAGE_GROUP_NAME, names.clone());
        amendment.set_one(Key::STORAGE_PERIOD, &3600_i64);
        let read = Amendment::read(amendment.octets());
        assert_eq!(read, amendment);
        assert_eq!(read.values(Key::MESSAGE_GROUP_NAME), names);
        amendment.set(Key::MESSAGE_GROUP_NAME, Vec::new());
        assert!(Amendment::read(amendment.octets()).values(Key::MESSAGE_GROUP_NAME).is_empty());
    }
}
