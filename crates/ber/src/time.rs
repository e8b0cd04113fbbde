//! UTCTime and GeneralizedTime (X.680 §46, §47).
//!
//! A UTCTime of two-digit years is read with 50 to 99 as 1950 to 1999 and 00 to 49 as 2000 to
//! 2049; with or without seconds, with `Z`, an offset or, as some peers send, neither (taken as
//! UTC). What is written has seconds and `Z`.

use crate::octets::segments;
use crate::{Decode, Element, Encode, Error, Result, Rope, Tag, Writer};

/// Two-digit years from this one on belong to the twentieth century.
const WINDOW: i64 = 50;

/// A UTCTime: seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcTime(pub i64);

/// A GeneralizedTime: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GeneralizedTime(pub i64);

const BAD: Error = Error::Value("a time that is none");

/// Days from 1970-01-01 to a day of the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a number of days from 1970-01-01.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// The digits of a time, taken two by two from the front.
struct Digits<'a>(&'a [u8]);

impl Digits<'_> {
    fn peek_digit(&self) -> bool {
        self.0.first().is_some_and(u8::is_ascii_digit)
    }

    fn two(&mut self) -> Result<i64> {
        let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] = self.0 else { return Err(BAD) };
        self.0 = rest;
        Ok(i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
    }

    fn two_in(&mut self, range: core::ops::RangeInclusive<i64>) -> Result<i64> {
        self.two().and_then(|value| if range.contains(&value) { Ok(value) } else { Err(BAD) })
    }

    /// A fraction of a unit that has this many microseconds.
    fn fraction(&mut self, unit_us: i64) -> i64 {
        let [b'.' | b',', rest @ ..] = self.0 else { return 0 };
        self.0 = rest;
        let mut scale = unit_us;
        let mut fraction = 0;
        while let [digit @ b'0'..=b'9', rest @ ..] = self.0 {
            self.0 = rest;
            scale /= 10;
            fraction += i64::from(digit - b'0') * scale;
        }
        fraction
    }

    /// `Z`, an offset in seconds, or nothing.
    fn zone(&mut self) -> Result<i64> {
        let (sign, rest) = match self.0 {
            [] | [b'Z' | b'z'] => return Ok(0),
            [b'+', rest @ ..] => (1, rest),
            [b'-', rest @ ..] => (-1, rest),
            _ => return Err(BAD),
        };
        self.0 = rest;
        let hours = self.two_in(0..=23)?;
        let minutes = if self.0.is_empty() { 0 } else { self.two_in(0..=59)? };
        if self.0.is_empty() { Ok(sign * (hours * 3600 + minutes * 60)) } else { Err(BAD) }
    }

    /// Month to zone; hours, minutes and seconds may end early as far as `least` allows. Returns
    /// microseconds.
    fn after_year(&mut self, year: i64, minutes_needed: bool) -> Result<i64> {
        const SECOND_US: i64 = 1_000_000;
        let month = self.two_in(1..=12)?;
        let day = self.two_in(1..=31)?;
        let days = days_from_civil(year, month, day);
        if civil_from_days(days) != (year, month, day) {
            return Err(BAD);
        }
        let mut us = (days * 24 + self.two_in(0..=23)?) * 3600 * SECOND_US;
        let mut unit_us = 3600 * SECOND_US;
        if minutes_needed || self.peek_digit() {
            unit_us = 60 * SECOND_US;
            us += self.two_in(0..=59)? * unit_us;
        }
        if self.peek_digit() {
            unit_us = SECOND_US;
            us += self.two_in(0..=60)? * unit_us;
        }
        us += self.fraction(unit_us);
        Ok(us - self.zone()? * SECOND_US)
    }
}

/// The six numbers of a time in seconds since 1970: year, month, day, hour, minute, second.
fn civil(seconds: i64) -> [i64; 6] {
    let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400);
    [year, month, day, of_day / 3600, of_day / 60 % 60, of_day % 60]
}

impl UtcTime {
    /// Reads the characters of a UTCTime.
    ///
    /// # Errors
    /// When they are none.
    pub fn parse(text: &[u8]) -> Result<Self> {
        let mut digits = Digits(text);
        let year = digits.two()?;
        let century = if year >= WINDOW { 1900 } else { 2000 };
        Ok(Self(digits.after_year(century + year, true)?.div_euclid(1_000_000)))
    }

    /// The characters, `YYMMDDhhmmssZ`.
    pub fn text(self) -> String {
        let [year, month, day, hour, minute, second] = civil(self.0);
        let year = year.rem_euclid(100);
        format!("{year:02}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z")
    }
}

impl GeneralizedTime {
    /// Reads the characters of a GeneralizedTime.
    ///
    /// # Errors
    /// When they are none.
    pub fn parse(text: &[u8]) -> Result<Self> {
        let mut digits = Digits(text);
        let year = digits.two()? * 100 + digits.two()?;
        Ok(Self(digits.after_year(year, false)?))
    }

    /// The characters, `YYYYMMDDhhmmssZ`, with a fraction where there is one.
    pub fn text(self) -> String {
        let [year, month, day, hour, minute, second] = civil(self.0.div_euclid(1_000_000));
        let mut text = format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}");
        let fraction = self.0.rem_euclid(1_000_000);
        if fraction != 0 {
            let digits = format!(".{fraction:06}");
            text.push_str(digits.trim_end_matches('0'));
        }
        text.push('Z');
        text
    }
}

macro_rules! time_types {
    ($($name:ident $number:literal $title:literal;)*) => {$(
        impl Decode for $name {
            const NAME: &'static str = $title;
            fn accepts(tag: Tag) -> bool {
                tag == Tag::universal($number)
            }
            fn decode_contents(element: &Element<'_>) -> Result<Self> {
                let mut rope = Rope::new();
                segments(element, Tag::universal($number), &mut rope)?;
                Self::parse(&rope.to_bytes())
            }
        }

        impl Encode for $name {
            fn encode(&self, writer: &mut Writer) {
                self.encode_as(Tag::universal($number), writer);
            }
            fn encode_as(&self, tag: Tag, writer: &mut Writer) {
                writer.primitive(tag, |writer| writer.octets(self.text().as_bytes()));
            }
        }
    )*};
}
time_types! {
    UtcTime 23 "UTCTime";
    GeneralizedTime 24 "GeneralizedTime";
}
