//! What to fetch: the URLs of the command line, or a list of any length. Lists are read as streams,
//! as often as needed; memory does not grow with them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use backhaul::Request;
use url::Url;

use crate::args::SourceArgs;
use crate::exit::{Failure, Outcome};
use crate::place;

/// The longest line that a list may have.
const LINE_LIMIT_BYTES: u64 = 128 * 1024;

/// One file to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// From where.
    pub url: Url,
    /// To where: absolute.
    pub path: PathBuf,
    /// How far the list was read with it.
    pub read_bytes: u64,
}

/// A sequence of items that can be read again and again.
pub struct Source {
    kind: Kind,
    folder: PathBuf,
}

enum Kind {
    Given(Vec<Item>),
    List { file: File, len: u64, shown: String },
}

/// Items, or what is wrong with one.
pub type Items<'a> = Box<dyn Iterator<Item = Outcome<Item>> + 'a>;

impl Source {
    /// Checks what can be checked without reading a list.
    pub fn open(args: &SourceArgs) -> Outcome<Source> {
        let folder = place::absolute(args.into.as_deref().unwrap_or(Path::new(".")))?;
        if let Some(from) = &args.from {
            return Ok(Source {
                kind: open_list(from)?,
                folder,
            });
        }
        if args.urls.len() > 1 && args.output.is_some() {
            return Err(Failure::usage(
                "--output is for a single URL; use --into for several",
            ));
        }
        if args.urls.len() > 1 && args.sha256.is_some() {
            return Err(Failure::usage(
                "--sha256 is for a single URL; call once for each",
            ));
        }
        let output = args.output.as_deref().map(place::absolute).transpose()?;
        let item = |url: &String| match &output {
            Some(path) => parse_url(url).map(|url| Item {
                url,
                path: path.clone(),
                read_bytes: 0,
            }),
            None => item(url, None, &folder),
        };
        let items: Result<Vec<Item>, String> = args.urls.iter().map(item).collect();
        Ok(Source {
            kind: Kind::Given(items.map_err(Failure::usage)?),
            folder,
        })
    }

    /// The folder that names are below.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The length of the list, for a progress bar.
    pub fn list_bytes(&self) -> Option<u64> {
        match &self.kind {
            Kind::Given(_) => None,
            Kind::List { len, .. } => Some(*len),
        }
    }

    /// From the first item on.
    pub fn items(&self) -> Outcome<Items<'_>> {
        match &self.kind {
            Kind::Given(items) => Ok(Box::new(items.iter().cloned().map(Ok))),
            Kind::List { file, shown, .. } => {
                let mut start: &File = file;
                start
                    .seek(SeekFrom::Start(0))
                    .map_err(|error| unreadable(shown, &error))?;
                let lines = Lines {
                    reader: BufReader::new(file),
                    number: 0,
                    read_bytes: 0,
                };
                let named = move |line: Result<Line, String>| {
                    let line = line.map_err(|wrong| Failure::usage(format!("{shown}: {wrong}")))?;
                    let item = item(&line.url, line.name.as_deref(), &self.folder);
                    item.map(|item| Item {
                        read_bytes: line.read_bytes,
                        ..item
                    })
                    .map_err(|wrong| {
                        Failure::usage(format!("{shown}, line {}: {wrong}", line.number))
                    })
                };
                Ok(Box::new(lines.map(named)))
            }
        }
    }
}

/// A list is read more than once: what cannot be read again is copied to an unnamed file first.
fn open_list(from: &Path) -> Outcome<Kind> {
    let shown = if from == Path::new("-") {
        "standard input".to_owned()
    } else {
        from.display().to_string()
    };
    let failed = |error: &io::Error| unreadable(&shown, error);
    let mut given: Box<dyn Read> = Box::new(io::stdin().lock());
    if from != Path::new("-") {
        let file = File::open(from).map_err(|error| failed(&error))?;
        let about = file.metadata().map_err(|error| failed(&error))?;
        if about.is_dir() {
            return Err(Failure::usage(format!(
                "{shown} is a folder; give a file with one URL a line"
            )));
        }
        if about.is_file() {
            return Ok(Kind::List {
                len: about.len(),
                file,
                shown,
            });
        }
        given = Box::new(file);
    }
    let mut file =
        tempfile::tempfile().map_err(|error| Failure::io("cannot keep the list", &error))?;
    let len = io::copy(&mut given, &mut file)
        .map_err(|error| Failure::io("cannot keep the list", &error))?;
    Ok(Kind::List { file, len, shown })
}

fn unreadable(shown: &str, error: &io::Error) -> Failure {
    Failure::usage(format!(
        "cannot read {shown}: {error}; give a file with one URL a line"
    ))
}

/// One line of a list.
#[derive(Debug, PartialEq, Eq)]
struct Line {
    number: u64,
    url: String,
    name: Option<String>,
    read_bytes: u64,
}

struct Lines<R> {
    reader: R,
    number: u64,
    read_bytes: u64,
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<Line, String>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut bytes = Vec::new();
            let mut limited = self.reader.by_ref().take(LINE_LIMIT_BYTES);
            let read = match limited.read_until(b'\n', &mut bytes) {
                Ok(0) => return None,
                Ok(read) => read as u64,
                Err(error) => return Some(Err(format!("cannot be read: {error}; try again"))),
            };
            self.number += 1;
            self.read_bytes += read;
            if read == LINE_LIMIT_BYTES {
                let limit_kib = LINE_LIMIT_BYTES / 1024;
                return Some(Err(format!(
                    "line {} is longer than {limit_kib} KiB; shorten it",
                    self.number
                )));
            }
            let parsed =
                std::str::from_utf8(&bytes).map_err(|_| "not UTF-8; convert the list".to_owned());
            match parsed.and_then(parse_line) {
                Ok(None) => {}
                Ok(Some((url, name))) => {
                    let (number, read_bytes) = (self.number, self.read_bytes);
                    return Some(Ok(Line {
                        number,
                        url,
                        name,
                        read_bytes,
                    }));
                }
                Err(wrong) => return Some(Err(format!("line {}: {wrong}", self.number))),
            }
        }
    }
}

/// `URL`, or `URL`, tab, `NAME`. Empty lines and lines that begin with `#` say nothing.
fn parse_line(line: &str) -> Result<Option<(String, Option<String>)>, String> {
    let line = line
        .trim_start_matches('\u{feff}')
        .trim_end_matches(['\n', '\r']);
    if line.trim().is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let mut fields = line.split('\t');
    let url = fields.next().unwrap_or_default().trim().to_owned();
    let name = fields
        .next()
        .filter(|name| !name.is_empty())
        .map(str::to_owned);
    match fields.next() {
        Some(_) => Err("more than one tab; write a URL, or a URL, a tab and a name".to_owned()),
        None => Ok(Some((url, name))),
    }
}

fn item(url: &str, name: Option<&str>, folder: &Path) -> Result<Item, String> {
    let url = parse_url(url)?;
    let path = match name {
        Some(name) => place::named(folder, name)?,
        None => match backhaul::suggested_filename_for_url(url.as_str()) {
            Some(name) => folder.join(name),
            None => {
                return Err(format!(
                    "{} has no file name; name one with --output, or after a tab in a list",
                    redacted(url.as_str())
                ));
            }
        },
    };
    Ok(Item {
        url,
        path,
        read_bytes: 0,
    })
}

fn parse_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok();
    let fit = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    // What is wrong with it, the library says best.
    fit.ok_or_else(|| {
        let why = Request::new(text)
            .err()
            .map_or("not a URL".to_owned(), |error| error.to_string());
        let advice = if why.contains(';') {
            ""
        } else {
            "; write https://host/path"
        };
        format!("{}: {why}{advice}", redacted(text))
    })
}

/// The URL for a message: no user-info, no query values (rule E3), and not endless.
pub fn redacted(text: &str) -> String {
    const SHOWN_CHARS: usize = 120;
    let shown = match Request::new(text) {
        Ok(request) => request.redacted_url(),
        Err(_) => {
            let plain = text.split(['?', '#']).next().unwrap_or_default();
            let (scheme, rest) = plain.split_once("://").unwrap_or(("", plain));
            let rest = rest.rsplit('@').next().unwrap_or_default();
            let plain = if scheme.is_empty() {
                rest.to_owned()
            } else {
                format!("{scheme}://{rest}")
            };
            format!("{plain:?}")
        }
    };
    shown.chars().take(SHOWN_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Result<Line, String>> {
        Lines {
            reader: text.as_bytes(),
            number: 0,
            read_bytes: 0,
        }
        .collect()
    }

    #[test]
    fn a_line_is_a_url_and_perhaps_a_name() {
        let url = |url: &str| (url.to_owned(), None);
        assert_eq!(parse_line("https://h/a\n"), Ok(Some(url("https://h/a"))));
        assert_eq!(
            parse_line("\u{feff}https://h/a\r\n"),
            Ok(Some(url("https://h/a")))
        );
        assert_eq!(parse_line("https://h/a\t\n"), Ok(Some(url("https://h/a"))));
        let named = Some(("https://h/a".to_owned(), Some("my file.bin".to_owned())));
        assert_eq!(parse_line("https://h/a\tmy file.bin\r\n"), Ok(named));
        for nothing in ["\n", "  \r\n", "# a comment\n", ""] {
            assert_eq!(parse_line(nothing), Ok(None), "{nothing:?}");
        }
        assert!(parse_line("https://h/a\tb\tc").is_err());
    }

    #[test]
    fn lines_know_their_number_and_their_place() {
        let found = lines("#x\n\nhttps://h/a\nhttps://h/b");
        let place = |line: &Result<Line, String>| {
            let line = line.as_ref().unwrap();
            (line.number, line.read_bytes)
        };
        assert_eq!(
            found.iter().map(place).collect::<Vec<_>>(),
            [(3, 16), (4, 27)]
        );
    }

    #[test]
    fn an_endless_line_is_an_error_and_not_memory() {
        // rule T5
        let text = "x".repeat(3 * LINE_LIMIT_BYTES as usize);
        assert!(lines(&text)[0].as_ref().unwrap_err().contains("line 1"));
    }

    #[test]
    fn messages_about_urls_hold_no_secret() {
        // rule E3
        let shown = redacted("me:secret@host?token=secret");
        assert!(!shown.contains("secret"), "{shown}");
        assert_eq!(
            redacted("ftp://me:secret@host/x?token=secret"),
            "\"ftp://host/x\""
        );
        assert!(parse_url("nonsense?token=secret").is_err_and(|wrong| !wrong.contains("secret")));
    }

    #[test]
    fn a_list_can_be_read_twice() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("list");
        std::fs::write(&list, "https://h/a\tb/c\nhttps://h/d\te\n").unwrap();
        let kind = open_list(&list).unwrap();
        let source = Source {
            kind,
            folder: "/d".into(),
        };
        for _ in 0..2 {
            let paths: Vec<PathBuf> = source
                .items()
                .unwrap()
                .map(|item| item.unwrap().path)
                .collect();
            assert_eq!(paths, [Path::new("/d/b/c"), Path::new("/d/e")]);
        }
        assert_eq!(source.list_bytes(), Some(30));
    }
}
