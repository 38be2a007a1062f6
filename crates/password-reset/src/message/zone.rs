//! Times as messages state them.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};

use crate::identity::locale::Locale;

/// The zone in which messages state times: a fixed offset from UTC, and the abbreviation that readers know it by.
///
/// ```
/// use password_reset::message::Zone;
/// use password_reset::Site;
///
/// let site = Site::new("Toko Contoh", "https://toko.example/reset").with_zone(Zone::WIB);
/// let nepal = Zone::new("NPT", 5 * 60 + 45);
/// # assert_eq!(site.zone(), &Zone::WIB);
/// # assert_ne!(nepal, Zone::UTC);
/// ```
///
/// Daylight saving time has no fixed offset: where clocks change, keep [`UTC`](Self::UTC).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    abbreviation: Cow<'static, str>,
    minutes_east: i16,
}

const ENGLISH: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const INDONESIAN: [&str; 12] = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
];

impl Zone {
    /// Coordinated Universal Time, the default.
    pub const UTC: Self = Self { abbreviation: Cow::Borrowed("UTC"), minutes_east: 0 };
    /// Western Indonesian Time: Jakarta.
    pub const WIB: Self = Self { abbreviation: Cow::Borrowed("WIB"), minutes_east: 7 * 60 };
    /// Central Indonesian Time: Makassar.
    pub const WITA: Self = Self { abbreviation: Cow::Borrowed("WITA"), minutes_east: 8 * 60 };
    /// Eastern Indonesian Time: Jayapura.
    pub const WIT: Self = Self { abbreviation: Cow::Borrowed("WIT"), minutes_east: 9 * 60 };

    /// A zone by its abbreviation and its offset: minutes east of UTC, negative to the west. `build()` refuses an
    /// abbreviation that is not 1 to 10 letters, digits, `+`, `-` or `:`, and an offset of more than 14 hours.
    #[must_use]
    pub fn new(abbreviation: impl Into<String>, minutes_east: i16) -> Self {
        Self { abbreviation: Cow::Owned(abbreviation.into()), minutes_east }
    }

    /// A time in this zone, for a reader: `21 November 2026 at 06:50 UTC`, `21 November 2026 pukul 13.50 WIB`.
    #[must_use]
    pub fn text(&self, at: DateTime<Utc>, locale: Locale) -> String {
        let here = at.checked_add_signed(TimeDelta::minutes(i64::from(self.minutes_east)));
        // At the ends of the calendar UTC is the only zone left.
        let (time, zone) = here.map_or((at, "UTC"), |here| (here, self.abbreviation.as_ref()));
        let (months, word, separator) = match locale {
            Locale::English => (ENGLISH, "at", ':'),
            // Indonesian separates hours and minutes with a full stop.
            Locale::Indonesian => (INDONESIAN, "pukul", '.'),
        };
        let month = months.iter().zip(0..).find(|(_, number)| *number == time.month0()).map_or("", |(name, _)| *name);
        let (day, year, hour, minute) = (time.day(), time.year(), time.hour(), time.minute());
        format!("{day} {month} {year} {word} {hour:02}{separator}{minute:02} {zone}")
    }

    /// Whether messages can state times in it.
    pub(crate) fn is_valid(&self) -> bool {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"+-:".contains(&byte);
        (1..=10).contains(&self.abbreviation.len())
            && self.abbreviation.bytes().all(letter)
            && self.minutes_east.unsigned_abs() <= 14 * 60
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeZone as _, Utc};

    use super::{Locale, Zone};

    #[test]
    fn a_time_is_that_of_the_zone_in_every_language() {
        let at = Utc.with_ymd_and_hms(2026, 11, 21, 6, 50, 9).unwrap();
        for (zone, english, indonesian) in [
            (Zone::UTC, "21 November 2026 at 06:50 UTC", "21 November 2026 pukul 06.50 UTC"),
            (Zone::WIB, "21 November 2026 at 13:50 WIB", "21 November 2026 pukul 13.50 WIB"),
            (Zone::WITA, "21 November 2026 at 14:50 WITA", "21 November 2026 pukul 14.50 WITA"),
            (Zone::WIT, "21 November 2026 at 15:50 WIT", "21 November 2026 pukul 15.50 WIT"),
            (Zone::new("-0930", -570), "20 November 2026 at 21:20 -0930", "20 November 2026 pukul 21.20 -0930"),
        ] {
            assert_eq!(zone.text(at, Locale::English), english);
            assert_eq!(zone.text(at, Locale::Indonesian), indonesian);
        }
    }

    #[test]
    fn months_have_names() {
        let texts = |month| {
            let at = Utc.with_ymd_and_hms(2027, month, 1, 23, 5, 0).unwrap();
            [Locale::English, Locale::Indonesian].map(|locale| Zone::UTC.text(at, locale))
        };
        assert_eq!(texts(1), ["1 January 2027 at 23:05 UTC", "1 Januari 2027 pukul 23.05 UTC"]);
        assert_eq!(texts(8), ["1 August 2027 at 23:05 UTC", "1 Agustus 2027 pukul 23.05 UTC"]);
        assert_eq!(texts(12), ["1 December 2027 at 23:05 UTC", "1 Desember 2027 pukul 23.05 UTC"]);
    }

    #[test]
    fn the_first_and_the_last_time_have_a_text() {
        assert!(Zone::WIB.text(DateTime::<Utc>::MAX_UTC, Locale::English).ends_with("23:59 UTC"));
        assert!(Zone::new("-12", -720).text(DateTime::<Utc>::MIN_UTC, Locale::English).ends_with("00:00 UTC"));
    }
}
