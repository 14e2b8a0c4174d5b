//! What a cancelled task leaves for another to go on from (rule L4).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::driver::Disk;
use crate::error::{Error, ErrorKind, Result};
use crate::files::PartPaths;
use crate::request::{Destination, Request, RequestOptions};
use crate::store::TaskRow;

/// The version written. Others are refused.
const VERSION: u8 = 1;

/// Longest text taken.
const LIMIT_BYTES: usize = 1024 * 1024;

/// Opaque, versioned and checked for damage. Keep it as text; it is of use in the container that
/// made it only, for seven days.
///
/// ```no_run
/// # fn f(task: backhaul::DownloadTask, session: backhaul::Session) -> Result<(), backhaul::Error> {
/// if let Some(data) = task.cancel_by_producing_resume_data()? {
///     let text = data.to_string();
///     let again = session.download_task_with_resume_data(&text.parse()?)?;
///     again.resume()?;
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ResumeData(Contents);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Contents {
    version: u8,
    /// The store whose part file it is.
    token: String,
    task: i64,
    url: String,
    destination: Destination,
    options: RequestOptions,
}

impl ResumeData {
    /// None if the part file holds nothing that could be continued.
    pub(crate) fn of(
        row: &TaskRow,
        paths: &PartPaths,
        disk: &dyn Disk,
        token: &str,
    ) -> Option<ResumeData> {
        if !disk.is_resumable(paths) {
            return None;
        }
        Some(ResumeData(Contents {
            version: VERSION,
            token: token.to_owned(),
            task: row.id.as_i64(),
            url: row.url.clone(),
            destination: Destination::from_store(row.base.clone(), row.path.clone()),
            options: row.options.clone(),
        }))
    }

    pub(crate) fn to_request(&self, token: &str) -> Result<Request> {
        if self.0.token != token {
            return Err(invalid("it belongs to another container"));
        }
        let mut request = Request::new(&self.0.url)?.destination(self.0.destination.clone());
        request.options = self.0.options.clone();
        request.options.adopts = Some(self.0.task);
        Ok(request)
    }
}

impl std::fmt::Display for ResumeData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let json = serde_json::to_vec(&self.0).map_err(|_| std::fmt::Error)?;
        let checksum = crc32fast::hash(&json);
        write!(
            f,
            "backhaul-{VERSION}.{checksum:08x}.{}",
            URL_SAFE_NO_PAD.encode(json)
        )
    }
}

impl std::str::FromStr for ResumeData {
    type Err = Error;

    /// # Errors
    /// [`ErrorKind::InvalidResumeData`] when the text is damaged or of another version.
    fn from_str(text: &str) -> Result<ResumeData> {
        if text.len() > LIMIT_BYTES {
            return Err(invalid("it is too long"));
        }
        let mut parts = text.splitn(3, '.');
        let (head, checksum, body) = (parts.next(), parts.next(), parts.next());
        if head != Some(&format!("backhaul-{VERSION}")) {
            return Err(invalid("it is not resume data of this version"));
        }
        let json = body
            .and_then(|body| URL_SAFE_NO_PAD.decode(body).ok())
            .ok_or_else(|| invalid("it is damaged"))?;
        if checksum != Some(&format!("{:08x}", crc32fast::hash(&json))) {
            return Err(invalid("it is damaged"));
        }
        let contents: Contents =
            serde_json::from_slice(&json).map_err(|_| invalid("it is damaged"))?;
        if contents.version != VERSION {
            return Err(invalid("it is of another version"));
        }
        Ok(ResumeData(contents))
    }
}

fn invalid(why: &str) -> Error {
    let text = format!("the resume data cannot be used: {why}; make a new task for the URL");
    Error::new(ErrorKind::InvalidResumeData, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data() -> ResumeData {
        ResumeData(Contents {
            version: VERSION,
            token: "0011aabb".to_owned(),
            task: 7,
            url: "https://example.com/x".to_owned(),
            destination: Destination::in_container("x").unwrap(),
            options: RequestOptions::default(),
        })
    }

    #[test]
    fn resume_data_is_versioned_and_checked() {
        // rule L4
        let text = data().to_string();
        assert_eq!(text.parse::<ResumeData>().unwrap(), data());
        for index in 0..text.len() {
            let mut damaged = text.clone().into_bytes();
            damaged[index] = if damaged[index] == b'A' { b'B' } else { b'A' };
            let damaged = String::from_utf8(damaged).unwrap();
            let kind = damaged.parse::<ResumeData>().unwrap_err().kind();
            assert_eq!(kind, ErrorKind::InvalidResumeData, "byte {index}");
        }
        assert!("".parse::<ResumeData>().is_err());
    }

    #[test]
    fn resume_data_of_another_container_is_refused() {
        // rule L4
        assert_eq!(
            data().to_request("ffffffff").unwrap_err().kind(),
            ErrorKind::InvalidResumeData
        );
        assert!(data().to_request("0011aabb").is_ok());
    }
}
