//! The model's server: one object that changes, behind an implementation with habits and bad days.

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use crate::engine::resume::{Ask, RangeAsk};
use crate::protocol::headers::Headers;

const LARGE_BYTES: usize = 200 * 1024;
/// Tiny objects meet by chance in offset and length; only large ones have more than an overlap.
const SIZES_BYTES: [usize; 3] = [5, 300, LARGE_BYTES];
/// What is not the object's bytes, whatever the head of the answer says.
const OTHER_BYTES: &[u8] = b"--x\r\nthis is a wrapping, not the object\r\n--x--\r\n";

/// Objects that are alike in treacherous ways: some differ only where no overlap comparison looks,
/// near the beginning and far behind.
pub(super) fn pool() -> Vec<Vec<u8>> {
    let mut base = vec![0; LARGE_BYTES];
    fastrand::Rng::with_seed(1).fill(&mut base);
    let altered = |differs: &dyn Fn(usize) -> bool| -> Vec<u8> {
        base.iter()
            .enumerate()
            .map(|(at, byte)| if differs(at) { !byte } else { *byte })
            .collect()
    };
    vec![
        base.clone(),
        altered(&|at| at < 2 || at == 40 || at == LARGE_BYTES / 2 - 1),
        altered(&|at| at == 1 || at == LARGE_BYTES / 2 - 2),
        altered(&|at| (3..60).contains(&at) || at == LARGE_BYTES / 2 - 3),
        altered(&|at| at == 2 || at == LARGE_BYTES / 2 - 4),
        altered(&|at| at % 50 == 49),
        altered(&|at| at % 7 == 0),
    ]
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Version {
    content: usize,
    len: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tags {
    Strong,
    Weak,
    PerEdge,
    Empty,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IfRange {
    Honoured,
    Ignored,
    NeverMatches,
}

/// What a server does every time.
#[derive(Debug)]
struct Habits {
    tags: Tags,
    dates: bool,
    if_range: IfRange,
    ranges: bool,
    length: bool,
    framed: bool,
    validators_on_206: bool,
    validators_on_416: bool,
    repr_digest: bool,
}

pub(super) struct Server<'a> {
    pool: &'a [Vec<u8>],
    habits: Habits,
    most_bytes: usize,
    now_s: u64,
    modified_s: u64,
    current: Version,
    past: Vec<Version>,
}

pub(super) struct Reply<'a> {
    pub(super) status: u16,
    pub(super) headers: Headers,
    pub(super) body: &'a [u8],
    pub(super) framed: bool,
}

impl<'a> Server<'a> {
    pub(super) fn new(rng: &mut fastrand::Rng, pool: &'a [Vec<u8>]) -> Self {
        let tags = [
            Tags::Strong,
            Tags::Strong,
            Tags::Weak,
            Tags::PerEdge,
            Tags::Empty,
            Tags::None,
        ];
        let length = rng.u8(..4) > 0;
        let habits = Habits {
            tags: tags[rng.usize(..tags.len())],
            dates: rng.u8(..3) == 0,
            if_range: [IfRange::Honoured, IfRange::Ignored, IfRange::NeverMatches][rng.usize(..3)],
            ranges: rng.u8(..8) > 0,
            length,
            framed: length || rng.bool(),
            validators_on_206: rng.u8(..4) > 0,
            validators_on_416: rng.bool(),
            repr_digest: rng.u8(..4) == 0,
        };
        let most_bytes = SIZES_BYTES[rng.usize(..SIZES_BYTES.len())];
        let mut server = Self {
            pool,
            habits,
            most_bytes,
            now_s: 1_000_000_000,
            modified_s: 1_000_000_000,
            current: Version { content: 0, len: 0 },
            past: Vec::new(),
        };
        server.current = server.another(rng);
        server
    }

    /// Every content that the object had so far.
    pub(super) fn versions(&self) -> impl Iterator<Item = &'a [u8]> {
        self.past
            .iter()
            .chain([&self.current])
            .map(|version| self.data(*version))
    }

    pub(super) fn current_data(&self) -> &'a [u8] {
        self.data(self.current)
    }

    pub(super) fn gives_repr_digest(&self) -> bool {
        self.habits.repr_digest
    }

    pub(super) fn frames(&self) -> bool {
        self.habits.framed
    }

    fn data(&self, version: Version) -> &'a [u8] {
        &self.pool[version.content][..version.len]
    }

    fn another(&self, rng: &mut fastrand::Rng) -> Version {
        let most = self.most_bytes;
        let len = if self.current.len > 0 && rng.u8(..4) > 0 {
            self.current.len
        } else {
            rng.usize(most / 2..=most).max(1)
        };
        Version {
            content: rng.usize(..self.pool.len()),
            len,
        }
    }

    /// Time passes; the object may be replaced, or be put back as it once was.
    pub(super) fn pass_time(&mut self, rng: &mut fastrand::Rng) {
        self.now_s += rng.u64(..100) * rng.u64(..2);
        if rng.u8(..3) > 0 {
            return;
        }
        let back = rng.u8(..4) == 0;
        let next = match self.past.first() {
            Some(first) if back => *first,
            _ => self.another(rng),
        };
        self.past.push(self.current);
        self.current = next;
        self.modified_s = self.now_s;
    }

    pub(super) fn answer(&self, rng: &mut fastrand::Rng, ask: &Ask) -> Reply<'a> {
        if rng.u8(..30) == 0 {
            return Reply {
                status: 503,
                headers: Headers::new(),
                body: b"busy",
                framed: true,
            };
        }
        match ask {
            Ask::Range(range) if self.honours(rng, range) => self.partial(rng, range.from as usize),
            Ask::Whole if rng.u8(..60) == 0 => self.partial(rng, 0),
            _ => self.whole(rng),
        }
    }

    fn honours(&self, rng: &mut fastrand::Rng, range: &RangeAsk) -> bool {
        let matches = match (&range.if_range, self.habits.if_range) {
            (None, _) | (_, IfRange::Ignored) => true,
            (_, IfRange::NeverMatches) => false,
            (Some(asked), IfRange::Honoured) => {
                self.tag(rng).as_ref() == Some(asked) || self.modified() == *asked
            }
        };
        self.habits.ranges && matches
    }

    fn whole(&self, rng: &mut fastrand::Rng) -> Reply<'a> {
        let mut headers = Headers::new();
        self.validators(rng, &mut headers);
        let mut body = self.current_data();
        if rng.u8(..40) == 0 {
            add(&mut headers, "content-encoding", "gzip");
            body = OTHER_BYTES;
        }
        if self.habits.length {
            add(&mut headers, "content-length", &body.len().to_string());
        }
        let framed = self.habits.framed;
        Reply {
            status: 200,
            headers,
            body,
            framed,
        }
    }

    fn unsatisfied(&self, rng: &mut fastrand::Rng) -> Reply<'a> {
        let mut headers = Headers::new();
        if self.habits.validators_on_416 {
            self.validators(rng, &mut headers);
        }
        if rng.u8(..4) > 0 {
            let total = self.current.len;
            add(&mut headers, "content-range", &format!("bytes */{total}"));
        }
        Reply {
            status: 416,
            headers,
            body: b"",
            framed: true,
        }
    }

    /// The range asked for; on a bad day, one time in three, something else.
    fn partial(&self, rng: &mut fastrand::Rng, from: usize) -> Reply<'a> {
        let data = self.current_data();
        if from >= data.len() || rng.u8(..40) == 0 {
            return self.unsatisfied(rng);
        }
        let mut headers = Headers::new();
        if self.habits.validators_on_206 {
            self.validators(rng, &mut headers);
        }
        let (mut first, mut end, mut total) = (from, data.len(), data.len().to_string());
        let bad_day = rng.u8(..18);
        match bad_day {
            0 => first -= rng.usize(..=first),
            1 => first += rng.usize(..end - first),
            2 => end = rng.usize(first + 1..=end),
            3 => "*".clone_into(&mut total),
            4 => total = (data.len() + rng.usize(1..9)).to_string(),
            5 => add(&mut headers, "content-type", "multipart/byteranges"),
            _ => {}
        }
        match rng.u8(..24) {
            0 => {}
            1 => add(&mut headers, "content-range", "bytes"),
            _ => {
                let range = format!("bytes {first}-{}/{total}", end - 1);
                add(&mut headers, "content-range", &range);
            }
        }
        let body = if bad_day == 5 {
            OTHER_BYTES
        } else {
            &data[first..end]
        };
        Reply {
            status: 206,
            headers,
            body,
            framed: true,
        }
    }

    fn validators(&self, rng: &mut fastrand::Rng, headers: &mut Headers) {
        if let Some(tag) = self.tag(rng) {
            add(headers, "etag", &tag);
        }
        if self.habits.dates {
            add(headers, "last-modified", &self.modified());
            add(headers, "date", &date(self.now_s));
        }
    }

    /// The weak tag says that all versions are as good as each other.
    fn tag(&self, rng: &mut fastrand::Rng) -> Option<String> {
        let Version { content, len } = self.current;
        match self.habits.tags {
            Tags::Strong => Some(format!("\"{content}-{len}\"")),
            Tags::PerEdge => Some(format!("\"{content}-{len}-{}\"", rng.u8(..2))),
            Tags::Weak => Some("W/\"page\"".to_owned()),
            Tags::Empty => Some("\"\"".to_owned()),
            Tags::None => None,
        }
    }

    fn modified(&self) -> String {
        date(self.modified_s)
    }
}

impl fmt::Debug for Server<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.habits.fmt(f)
    }
}

fn add(headers: &mut Headers, name: &str, value: &str) {
    headers.append(name, value).unwrap();
}

fn date(seconds: u64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))
}
