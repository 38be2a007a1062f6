//! Times as messages state them.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};

use crate::texts::Language;

/// The zone in which messages state times: the offset from UTC, and the abbreviation that readers know it by.
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
/// Where clocks change, [`changing`](Self::changing) asks for the offset at each time.
#[derive(Clone)]
pub struct Zone(Offset);

#[derive(Clone)]
enum Offset {
    Fixed { abbreviation: Cow<'static, str>, minutes_east: i16 },
    Changing(Arc<dyn Fn(DateTime<Utc>) -> (String, i16) + Send + Sync>),
}

impl Zone {
    /// Coordinated Universal Time, the default.
    pub const UTC: Self = Self::fixed("UTC", 0);
    /// Western Indonesian Time: Jakarta.
    pub const WIB: Self = Self::fixed("WIB", 7 * 60);
    /// Central Indonesian Time: Makassar.
    pub const WITA: Self = Self::fixed("WITA", 8 * 60);
    /// Eastern Indonesian Time: Jayapura.
    pub const WIT: Self = Self::fixed("WIT", 9 * 60);

    const fn fixed(abbreviation: &'static str, minutes_east: i16) -> Self {
        Self(Offset::Fixed { abbreviation: Cow::Borrowed(abbreviation), minutes_east })
    }

    /// A zone by its abbreviation and its offset: minutes east of UTC, negative to the west. `build()` refuses an
    /// abbreviation that is not 1 to 10 letters, digits, `+`, `-` or `:`, and an offset of more than 14 hours.
    #[must_use]
    pub fn new(abbreviation: impl Into<String>, minutes_east: i16) -> Self {
        Self(Offset::Fixed { abbreviation: Cow::Owned(abbreviation.into()), minutes_east })
    }

    /// A zone by what settings and tables write: `UTC`, `WIB`, `WITA`, `WIT`, the names that the database of zones has for these
    /// (`Asia/Jakarta`), or an abbreviation with its offset (`NPT+05:45`). `None` for any other: see
    /// [`Site::with_zones`](crate::Site::with_zones).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let zone = match name {
            "UTC" | "Etc/UTC" => Self::UTC,
            "WIB" | "Asia/Jakarta" | "Asia/Pontianak" => Self::WIB,
            "WITA" | "Asia/Makassar" => Self::WITA,
            "WIT" | "Asia/Jayapura" => Self::WIT,
            other => {
                let (abbreviation, offset) = other.split_at(other.find(['+', '-'])?);
                let (hours, minutes) = offset.split_once(':')?;
                let (hours, minutes) = (hours.parse::<i16>().ok()?, minutes.parse::<i16>().ok()?);
                let minutes = if offset.starts_with('-') { minutes.checked_neg()? } else { minutes };
                Self::new(abbreviation, hours.checked_mul(60)?.checked_add(minutes)?)
            }
        };
        zone.is_valid().then_some(zone)
    }

    /// A zone whose clocks change: the abbreviation and the minutes east of UTC at a time, as a database of zones has them. A time
    /// for which these are not as in [`new`](Self::new) is stated in UTC.
    ///
    /// ```
    /// use chrono::{Offset as _, TimeZone as _, Utc};
    /// use chrono_tz::OffsetName as _; // the crate `chrono-tz`, or what else knows zones
    /// use password_reset::message::Zone;
    /// use password_reset::{Language, Site};
    ///
    /// let zone = Zone::changing(|at| {
    ///     let here = at.with_timezone(&chrono_tz::Europe::Berlin);
    ///     let minutes_east = here.offset().fix().local_minus_utc() / 60;
    ///     (here.offset().abbreviation().unwrap_or_default().to_owned(), minutes_east.try_into().unwrap_or_default())
    /// });
    /// let site = Site::new("Toko Contoh", "https://toko.example/reset").with_zone(zone);
    ///
    /// let winter = Utc.with_ymd_and_hms(2026, 10, 25, 1, 5, 0).unwrap();
    /// assert_eq!(site.time(winter, &Language::english()), "25 October 2026 at 02:05 CET");
    /// let summer = Utc.with_ymd_and_hms(2026, 10, 25, 0, 5, 0).unwrap();
    /// assert_eq!(site.time(summer, &Language::english()), "25 October 2026 at 02:05 CEST");
    /// ```
    #[must_use]
    pub fn changing(offset: impl Fn(DateTime<Utc>) -> (String, i16) + Send + Sync + 'static) -> Self {
        Self(Offset::Changing(Arc::new(offset)))
    }

    /// A time in this zone, for a reader: `21 November 2026 at 06:50 UTC`, `21 November 2026 pukul 13.50 WIB`.
    #[must_use]
    pub fn text(&self, at: DateTime<Utc>, language: &Language) -> String {
        let (abbreviation, minutes_east) = match &self.0 {
            Offset::Fixed { abbreviation, minutes_east } => (Cow::Borrowed(abbreviation.as_ref()), *minutes_east),
            Offset::Changing(offset) => {
                let (abbreviation, minutes_east) = offset(at);
                (Cow::Owned(abbreviation), minutes_east)
            }
        };
        let here = at.checked_add_signed(TimeDelta::minutes(i64::from(minutes_east)));
        let here = here.filter(|_| fits(&abbreviation, minutes_east));
        // At the ends of the calendar UTC is the only zone left.
        let (time, zone) = here.map_or((at, "UTC"), |here| (here, abbreviation.as_ref()));
        let month = language.text(&format!("month-{}", time.month()));
        let (day, year) = (time.day().to_string(), time.year().to_string());
        let (hour, minute) = (format!("{:02}", time.hour()), format!("{:02}", time.minute()));
        let values: [(&str, &str); 6] =
            [("day", &day), ("month", &month), ("year", &year), ("hour", &hour), ("minute", &minute), ("zone", zone)];
        language.fill("time", &values.map(|(name, value)| (name, value.into())))
    }

    /// Whether messages can state times in it.
    pub(crate) fn is_valid(&self) -> bool {
        match &self.0 {
            Offset::Fixed { abbreviation, minutes_east } => fits(abbreviation, *minutes_east),
            Offset::Changing(_) => true,
        }
    }
}

fn fits(abbreviation: &str, minutes_east: i16) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"+-:".contains(&byte);
    (1..=10).contains(&abbreviation.len()) && abbreviation.bytes().all(letter) && minutes_east.unsigned_abs() <= 14 * 60
}

/// Zones that change are equal where one is a clone of the other.
impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (
                Offset::Fixed { abbreviation, minutes_east },
                Offset::Fixed { abbreviation: other, minutes_east: others },
            ) => abbreviation == other && minutes_east == others,
            (Offset::Changing(offset), Offset::Changing(other)) => Arc::ptr_eq(offset, other),
            (Offset::Fixed { .. }, Offset::Changing(_)) | (Offset::Changing(_), Offset::Fixed { .. }) => false,
        }
    }
}

impl Eq for Zone {}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Offset::Fixed { abbreviation, minutes_east } => write!(f, "Zone({abbreviation}, {minutes_east})"),
            Offset::Changing(_) => f.write_str("Zone(changing)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeZone as _, Utc};

    use super::{Language, Zone};

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
            assert_eq!(zone.text(at, &Language::english()), english);
            assert_eq!(zone.text(at, &Language::indonesian()), indonesian);
        }
    }

    #[test]
    fn a_zone_has_a_name_in_settings_and_tables() {
        for (name, zone) in [
            ("UTC", Zone::UTC),
            ("WIB", Zone::WIB),
            ("Asia/Jakarta", Zone::WIB),
            ("Asia/Pontianak", Zone::WIB),
            ("Asia/Makassar", Zone::WITA),
            ("Asia/Jayapura", Zone::WIT),
            ("NPT+05:45", Zone::new("NPT", 345)),
            ("MART-09:30", Zone::new("MART", -570)),
        ] {
            assert_eq!(Zone::named(name), Some(zone), "{name}");
        }
        for name in ["", "wib", "Europe/Berlin", "NPT", "NPT+5", "+05:45", "<b>+05:45", "FAR+14:01", "NPT+99999:00"] {
            assert_eq!(Zone::named(name), None, "{name}");
        }
    }

    #[test]
    fn a_zone_that_changes_is_asked_at_each_time() {
        let change = Utc.with_ymd_and_hms(2026, 10, 25, 1, 0, 0).unwrap();
        let zone = Zone::changing(move |at| match at < change {
            true => ("CEST".to_owned(), 120),
            false => ("CET".to_owned(), 60),
        });
        let text = |at| zone.text(at, &Language::english());
        assert_eq!(text(change), "25 October 2026 at 02:00 CET");
        assert_eq!(text(change - chrono::TimeDelta::minutes(1)), "25 October 2026 at 02:59 CEST");
        assert_eq!(
            (zone.clone() == zone, zone == Zone::UTC, format!("{zone:?}").as_str()),
            (true, false, "Zone(changing)")
        );
    }

    #[test]
    fn what_is_no_zone_is_stated_in_utc() {
        let at = Utc.with_ymd_and_hms(2026, 11, 21, 6, 50, 9).unwrap();
        for (abbreviation, minutes) in [("<b>", 60), ("", 60), ("FAR", 841)] {
            let zone = Zone::changing(move |_| (abbreviation.to_owned(), minutes));
            assert_eq!(zone.text(at, &Language::english()), "21 November 2026 at 06:50 UTC");
        }
    }

    #[test]
    fn months_have_names() {
        let texts = |month| {
            let at = Utc.with_ymd_and_hms(2027, month, 1, 23, 5, 0).unwrap();
            [Language::english(), Language::indonesian()].map(|language| Zone::UTC.text(at, &language))
        };
        assert_eq!(texts(1), ["1 January 2027 at 23:05 UTC", "1 Januari 2027 pukul 23.05 UTC"]);
        assert_eq!(texts(8), ["1 August 2027 at 23:05 UTC", "1 Agustus 2027 pukul 23.05 UTC"]);
        assert_eq!(texts(12), ["1 December 2027 at 23:05 UTC", "1 Desember 2027 pukul 23.05 UTC"]);
    }

    #[test]
    fn the_first_and_the_last_time_have_a_text() {
        assert!(Zone::WIB.text(DateTime::<Utc>::MAX_UTC, &Language::english()).ends_with("23:59 UTC"));
        assert!(Zone::new("-12", -720).text(DateTime::<Utc>::MIN_UTC, &Language::english()).ends_with("00:00 UTC"));
    }
}
