//! The name of a file that a server, or a URL, suggests (rule T4).
//!
//! Must never yield anything but one harmless path component: nothing that climbs, hides, names a
//! device, shows another extension than it has, or is too long for any file system we run on.

use url::Url;

use crate::protocol::headers::is_token;

/// What the file systems we run on take in one component.
const MAX_FILE_NAME_BYTES: usize = 255;
/// An extension of up to this length outlives the cut of a name that is too long.
const MAX_EXTENSION_BYTES: usize = 16;

/// The last path component of a URL, decoded.
pub(crate) fn from_url(url: &Url) -> Option<String> {
    let last = url.path_segments()?.next_back()?;
    sanitise(&String::from_utf8_lossy(&percent_decode(last)))
}

/// `filename*` of a `Content-Disposition`, else its `filename` (RFC 6266).
pub(crate) fn from_content_disposition(value: &str) -> Option<String> {
    let mut plain = None;
    for (name, value) in parameters(value) {
        if name.eq_ignore_ascii_case("filename*") {
            if let Some(name) = extended(&value).and_then(|name| sanitise(&name)) {
                return Some(name);
            }
        } else if name.eq_ignore_ascii_case("filename") && plain.is_none() {
            plain = sanitise(&value);
        }
    }
    plain
}

/// Makes one harmless path component of a text, or `None` if nothing harmless is left.
pub(crate) fn sanitise(text: &str) -> Option<String> {
    let last = text.rsplit(['/', '\\']).next()?;
    let cleaned: String = last
        .chars()
        .filter(|c| !is_unseen(*c))
        .map(portable)
        .collect();
    let loose = |c: char| c == '.' || c.is_whitespace();
    let name = cut(cleaned.trim_start_matches(loose).trim_end_matches(loose));
    let name = if is_reserved(&name) {
        cut(&format!("_{name}"))
    } else {
        name
    };
    (!name.is_empty()).then_some(name)
}

/// Control characters, and those that make a name read otherwise than it is.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// What FAT and NTFS refuse; a memory card is one of the two.
fn portable(c: char) -> char {
    if matches!(c, ':' | '*' | '?' | '"' | '<' | '>' | '|') {
        '_'
    } else {
        c
    }
}

/// Device names, with or without an extension, on the systems that have them.
fn is_reserved(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_ascii_uppercase();
    if matches!(
        stem.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$"
    ) {
        return true;
    }
    let port = stem
        .strip_prefix("COM")
        .or_else(|| stem.strip_prefix("LPT"));
    port.is_some_and(|number| {
        let mut digits = number.chars();
        matches!(
            (digits.next(), digits.next()),
            (Some('0'..='9' | '¹' | '²' | '³'), None)
        )
    })
}

/// Shortens a name to what fits, at a character boundary, keeping a short extension.
fn cut(name: &str) -> String {
    if name.len() <= MAX_FILE_NAME_BYTES {
        return name.to_owned();
    }
    let extension = match name.rfind('.') {
        Some(dot) if name.len() - dot <= MAX_EXTENSION_BYTES + 1 => &name[dot..],
        _ => "",
    };
    let mut end = MAX_FILE_NAME_BYTES - extension.len();
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let stem = name[..end].trim_end_matches(|c: char| c == '.' || c.is_whitespace());
    format!("{stem}{extension}")
}

fn percent_decode(text: &str) -> Vec<u8> {
    let hex = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let pair = if byte == b'%' {
            hex(bytes.get(at + 1)).zip(hex(bytes.get(at + 2)))
        } else {
            None
        };
        let octet = pair.and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        decoded.push(octet.unwrap_or(byte));
        at += if octet.is_some() { 3 } else { 1 };
    }
    decoded
}

/// RFC 8187. Only UTF-8, the one encoding that a sender may use today.
fn extended(value: &str) -> Option<String> {
    let mut parts = value.splitn(3, '\'');
    let (charset, _language, encoded) = (parts.next()?, parts.next()?, parts.next()?);
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    String::from_utf8(percent_decode(encoded)).ok()
}

/// The parameters after the disposition type, unquoted. Stops at the first that is malformed.
fn parameters(value: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let mut rest = value.find(';').map_or("", |at| &value[at..]);
    while let Some(after) = rest.strip_prefix(';') {
        let Some((name, after)) = after.split_once('=') else {
            break;
        };
        let name = name.trim();
        let Some((text, after)) = parameter_value(after.trim_start()) else {
            break;
        };
        if !is_token(name) {
            break;
        }
        found.push((name, text));
        rest = after.trim_start();
    }
    found
}

/// A token or a quoted string, and what follows it.
fn parameter_value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        return Some((text[..end].trim_end().to_owned(), &text[end..]));
    };
    let mut unquoted = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((unquoted, &quoted[at + 1..])),
            '\\' => unquoted.push(chars.next()?.1),
            _ => unquoted.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sane(text: &str) -> String {
        sanitise(text).unwrap_or_else(|| "(none)".to_owned())
    }

    #[test]
    fn one_harmless_component() {
        // rule T4
        let table = [
            ("a.zip", "a.zip"),
            ("Größe 日本.tar.gz", "Größe 日本.tar.gz"),
            ("a b", "a b"),
            ("../../etc/passwd", "passwd"),
            ("..\\..\\evil.exe", "evil.exe"),
            ("C:\\x\\y.txt", "y.txt"),
            ("/etc/", "(none)"),
            ("..", "(none)"),
            (".", "(none)"),
            ("", "(none)"),
            (" . . ", "(none)"),
            ("\0", "(none)"),
            ("a\0b\r\nc\x1b.txt", "abc.txt"),
            ("a/\0..", "(none)"),
            (".bashrc", "bashrc"),
            ("\u{200b}. .profile", "profile"),
            ("a.txt...", "a.txt"),
            ("a.txt . ", "a.txt"),
            ("CON", "_CON"),
            ("con.txt", "_con.txt"),
            ("Nul .tar.gz", "_Nul .tar.gz"),
            ("COM1", "_COM1"),
            ("lpt³.x", "_lpt³.x"),
            ("COM10", "COM10"),
            ("CONSOLE", "CONSOLE"),
            ("\u{7f}aux", "_aux"),
            ("a:b*c?d\"e<f>g|h", "a_b_c_d_e_f_g_h"),
            ("ann\u{202e}gpj.exe", "anngpj.exe"),
            ("a\u{2066}b\u{2029}c", "abc"),
        ];
        for (text, name) in table {
            assert_eq!(sane(text), name, "{text:?}");
        }
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        // rule T4
        assert_eq!(sane(&"a".repeat(255)).len(), 255);
        assert_eq!(sane(&"a".repeat(300)).len(), 255);
        let kept = sane(&format!("{}.tar", "é".repeat(200)));
        assert_eq!((kept.len(), kept.ends_with("é.tar")), (254, true));
        assert_eq!(
            sane(&format!("a.{}", "b".repeat(300))).len(),
            255,
            "no extension is that long"
        );
        assert_eq!(
            sane(&format!("CON{}A.txt", " ".repeat(260))),
            "_CON.txt",
            "reserved once cut"
        );
        assert_eq!(sane(&format!("CON.{}", "x".repeat(251))).len(), 255);
    }

    #[test]
    fn names_from_urls() {
        // rule T4
        let table = [
            ("https://h/a/b.zip?x=/y#z", Some("b.zip")),
            ("https://h/a%20b%2Ezip", Some("a b.zip")),
            ("https://h/%E2%82%AC", Some("€")),
            ("https://h/a+b", Some("a+b")),
            ("https://h/100%", Some("100%")),
            ("https://h/%zz%4", Some("%zz%4")),
            ("https://h/x%2F..%2Fy", Some("y")),
            ("https://h/x%5C%2e%2E", None),
            ("https://h/%ff", Some("\u{fffd}")),
            ("https://h/dir/", None),
            ("https://h", None),
            ("data:,a", None),
        ];
        for (url, name) in table {
            assert_eq!(
                from_url(&Url::parse(url).unwrap()).as_deref(),
                name,
                "{url}"
            );
        }
    }

    #[test]
    fn names_from_content_disposition() {
        // rule T4
        let table = [
            ("attachment; filename=a.zip", Some("a.zip")),
            ("attachment;FileName=\"a b.zip\" ; x=y", Some("a b.zip")),
            (r#"inline; filename="a\"b; c.zip""#, Some("a_b; c.zip")),
            (r#"attachment; filename="..\\..\\a""#, Some("a")),
            ("attachment; filename=\"../../a\"", Some("a")),
            ("attachment; filename = a ", Some("a")),
            (
                "attachment; filename=e.zip; filename*=UTF-8''%e2%82%ac.zip",
                Some("€.zip"),
            ),
            (
                "attachment; filename*=utf-8'en'%2e%2e%2fx; filename=y",
                Some("x"),
            ),
            ("attachment; filename*=UTF-8''%ff; filename=y", Some("y")),
            (
                "attachment; filename*=ISO-8859-1''%e4; filename=y",
                Some("y"),
            ),
            ("attachment; filename*=UTF-8''..; filename=y", Some("y")),
            ("attachment", None),
            ("filename=a", None),
            ("", None),
            ("attachment; filename", None),
            ("attachment; filename=\"a", None),
            ("attachment; filename=\"a\\", None),
            ("attachment; filename=..", None),
            ("attachment; fi le=a; filename=b", None),
        ];
        for (value, name) in table {
            assert_eq!(from_content_disposition(value).as_deref(), name, "{value}");
        }
    }
}
