//! Letters as plain text.

use super::letter::{Letter, Part};

/// Maximum width of a paragraph, in characters (RFC 5322 §2.1.1 recommends 78). URLs have lines of their own and are never
/// broken.
const WIDTH: usize = 76;

pub(super) fn write(letter: &Letter) -> String {
    let mut out = String::new();
    let mut paragraph = |text: &str| {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(text);
        out.push('\n');
    };
    paragraph(&wrapped(&letter.heading));
    for part in &letter.parts {
        match part {
            Part::Paragraph(sentence) | Part::Name(sentence) => paragraph(&wrapped(sentence)),
            Part::Link(link) => {
                paragraph(&wrapped(&link.sentence));
                paragraph(&link.url);
            }
            Part::Action { sentence, url, .. } => {
                paragraph(&wrapped(sentence));
                paragraph(url);
            }
            Part::Code { sentence, code } => {
                paragraph(&wrapped(sentence));
                paragraph(&format!("    {code}"));
            }
            Part::Advice { heading, sentence, link } => {
                let before_link = link.as_ref().map_or(String::new(), |link| format!(" {}", link.sentence));
                paragraph(&wrapped(&format!("{heading} {sentence}{before_link}")));
                if let Some(link) = link {
                    paragraph(&link.url);
                }
            }
        }
    }
    paragraph(&wrapped(&letter.footer));
    out
}

fn wrapped(sentence: &str) -> String {
    let mut out = String::with_capacity(sentence.len());
    let mut width = 0_usize;
    for word in sentence.split(' ') {
        let length = word.chars().count();
        let with_word = width.saturating_add(length).saturating_add(1);
        if width == 0 {
            width = length;
        } else if with_word > WIDTH {
            out.push('\n');
            width = length;
        } else {
            out.push(' ');
            width = with_word;
        }
        out.push_str(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn lines_are_broken_between_words() {
        let sentence = "word ".repeat(40);
        let wrapped = wrapped(sentence.trim_end());
        assert!(wrapped.lines().all(|line| line.len() <= 76 && !line.ends_with(' ')));
        assert_eq!(wrapped.split_whitespace().count(), 40);
    }
}
