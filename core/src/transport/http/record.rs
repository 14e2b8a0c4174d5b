//! What stands in the sidecar: of which object the part file is, how much of it is durable, and which
//! task it is of.
//!
//! It tells everything that going on after a crash needs, and making the task again when the store is lost
//! (rule D6), and no path of this machine (rule D5), nor a credential.

use serde::{Deserialize, Serialize};

use crate::engine::resume::RestartReason;
use crate::files::PAYLOAD_MAX_BYTES;
use crate::protocol::digest::Digest;
use crate::protocol::headers::Headers;
use crate::protocol::redact;
use crate::protocol::validator::Validator;
use crate::response::Response;
use crate::store::{FoundOrigin, Origin};
use crate::transport::Transfer;

/// What this program writes. The first version did not say of which task it was.
const VERSION: u32 = 2;
/// The record must fit a slot of the sidecar, whatever a server sends.
const URL_MAX_CHARS: usize = 512;
/// A validator longer than this is not kept: without one, the transfer begins again when it is cut.
const VALIDATOR_MAX_BYTES: usize = 2048;
/// Numbers that change while the file grows may get longer by so much.
const GROWTH_BYTES: usize = 128;

/// The record of one part file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PartRecord {
    version: u32,
    task: i64,
    /// Without user-info and query: for people.
    url: String,
    /// The destination's last path component.
    file_name: String,
    /// How many bytes are durable (rule D3).
    pub offset: u64,
    pub total: Option<u64>,
    /// Of the answer that the first byte came from (rule R1).
    pub validator: Validator,
    /// What that answer said about the whole object (rule H6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// Bytes were appended on the strength of an overlap alone (rule R5).
    #[serde(default)]
    pub validator_weak: bool,
    /// Only the close of a connection says that the file is whole (rule R8).
    #[serde(default)]
    pub length_unverified: bool,
    /// Rule R7.
    #[serde(default)]
    pub restarts_in_a_row: u32,
    /// The task, as far as it fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<Box<Origin>>,
}

impl PartRecord {
    /// For a part file that nothing is known of.
    pub fn new(transfer: &Transfer) -> PartRecord {
        let file_name = transfer.paths.destination.file_name().unwrap_or_default();
        let provenance = transfer.provenance.as_ref();
        let record = PartRecord {
            version: VERSION,
            task: transfer.id.task.as_i64(),
            url: redact::redact(&transfer.url)
                .chars()
                .take(URL_MAX_CHARS)
                .collect(),
            file_name: file_name.to_string_lossy().into_owned(),
            offset: 0,
            total: None,
            validator: Validator::default(),
            digest: None,
            validator_weak: false,
            length_unverified: false,
            restarts_in_a_row: 0,
            origin: provenance.map(|provenance| Box::new(provenance.origin.clone())),
        };
        record.fitted()
    }

    /// What was on record, for the attempt that `fresh` was made for: that is newer, an older version may
    /// not have said whose file it is, and an earlier task may have left it (rule L4).
    pub fn renewed(self, fresh: PartRecord) -> PartRecord {
        let record = PartRecord {
            version: fresh.version,
            task: fresh.task,
            url: fresh.url,
            file_name: fresh.file_name,
            origin: fresh.origin,
            ..self
        };
        record.fitted()
    }

    /// Whether the part file is on record as that of the same task.
    pub fn is_of_task(&self, other: &PartRecord) -> bool {
        self.version == other.version && self.task == other.task
    }

    /// The same, as what a task left that has ended.
    pub fn ended(mut self) -> PartRecord {
        if let Some(origin) = &mut self.origin {
            origin.has_ended = true;
        }
        self
    }

    /// The task, if the record says.
    pub fn into_origin(self) -> Option<FoundOrigin> {
        Some(FoundOrigin {
            task: self.task,
            origin: *self.origin?,
            offset: self.offset,
            total: self.total,
        })
    }

    /// Leaves out of the task what does not fit a slot of the sidecar. A request without some of its
    /// parts would be another one, so then all of it goes: the file goes on, but could not be rebuilt.
    fn fitted(mut self) -> PartRecord {
        while self.origin.is_some() && !self.fits() {
            let has_shrunk = self.origin.as_mut().is_some_and(|origin| origin.shrink());
            if !has_shrunk {
                log::info!(
                    "task {} is too long for a sidecar: it would not survive a loss of the store",
                    self.task
                );
                self.origin = None;
            }
        }
        self
    }

    fn fits(&self) -> bool {
        let limit = PAYLOAD_MAX_BYTES - GROWTH_BYTES;
        serde_json::to_vec(self).is_ok_and(|text| text.len() <= limit)
    }

    /// The same file, of which nothing is held any more.
    pub fn emptied(&self) -> PartRecord {
        PartRecord {
            offset: 0,
            total: None,
            validator: Validator::default(),
            digest: None,
            validator_weak: false,
            length_unverified: false,
            ..self.clone()
        }
    }

    /// The same file, about to be filled from the first byte with the body of an answer.
    pub fn begun_with(&self, head: &Response, total: Option<u64>) -> PartRecord {
        let mut record = self.emptied();
        record.total = total;
        record.digest = Digest::from_headers(head.status, &head.headers);
        // What a page says about itself when it is not the object is no reason to splice it.
        if head.status == 200 {
            let validator = Validator::from_headers(&head.headers);
            if validator_bytes(&validator) <= VALIDATOR_MAX_BYTES {
                record.validator = validator;
            }
        }
        record.fitted()
    }

    /// The same, for a file of which `offset` bytes are durable.
    pub fn at(&self, offset: u64) -> PartRecord {
        let mut record = self.clone();
        record.offset = offset;
        record
    }

    /// Whether a later transfer could go on from here, if nothing more is known of the object (rule R5).
    pub fn is_resumable(&self) -> bool {
        self.offset > 0 && (self.validator.is_strong() || self.digest.is_some())
    }

    /// Counts a restart: in a row are those because the object moved, with no other and no
    /// successful resumption in between.
    pub fn count_restart(&mut self, reason: RestartReason) {
        self.restarts_in_a_row = if reason.counts_as_change() {
            self.restarts_in_a_row.saturating_add(1)
        } else {
            0
        };
    }

    /// The head of an answer, as far as it is still known, for a file that an earlier process finished.
    pub fn remembered_response(&self) -> Response {
        Response {
            url: self.url.clone(),
            status: 200,
            http_version: String::new(),
            headers: Headers::new(),
            body: Vec::new(),
        }
    }
}

fn validator_bytes(validator: &Validator) -> usize {
    let etag = validator
        .etag
        .as_ref()
        .map_or(0, |tag| tag.to_string().len());
    etag + validator.last_modified.as_ref().map_or(0, String::len)
}

#[cfg(test)]
mod tests {
    use super::*;
    fn head(status: u16, fields: &[(&str, &str)]) -> Response {
        let mut headers = Headers::new();
        for (name, value) in fields {
            headers.append(name, value).unwrap();
        }
        Response {
            url: "https://a.example/".to_owned(),
            status,
            http_version: "HTTP/1.1".to_owned(),
            headers,
            body: Vec::new(),
        }
    }

    fn record() -> PartRecord {
        let url = format!(
            "https://u:secret@a.example/{}?sig=secret",
            "é".repeat(30_000)
        );
        PartRecord::new(&super::super::tests::transfer(&url, "/tmp/x/a.bin"))
    }

    #[test]
    fn a_record_always_fits_and_tells_no_secret_and_no_path() {
        // rule D5, rule T2
        let long = format!("\"{}\"", "\u{1f4be}".repeat(500));
        let record = record().begun_with(&head(200, &[("etag", &long)]), Some(u64::MAX));
        let text = serde_json::to_string(&record).unwrap();
        assert!(text.len() <= PAYLOAD_MAX_BYTES, "{}", text.len());
        assert!(!text.contains("secret") && !text.contains("/tmp"), "{text}");
        assert!(text.contains("\"a.bin\""), "{text}");

        let longer = format!("\"{}\"", "v".repeat(60_000));
        let record = record.begun_with(&head(200, &[("etag", &longer)]), None);
        assert_eq!(record.validator, Validator::default());
    }

    fn with_origin(change: impl FnOnce(&mut Origin)) -> PartRecord {
        let mut record = record();
        let mut origin = Origin {
            session: "s".to_owned(),
            url: "https://a.example/a?sig=1".to_owned(),
            base: "container".to_owned(),
            path: "x/a.bin".to_owned(),
            caller_id: Some("c".to_owned()),
            metadata: Some("m".to_owned()),
            options: Default::default(),
            created_ms: 1,
            deadline_ms: Some(2),
            timeout_ms: 1,
            started_in_background: false,
            attempts: 1,
            omitted: Vec::new(),
            has_ended: false,
        };
        change(&mut origin);
        record.origin = Some(Box::new(origin));
        record
    }

    #[test]
    fn a_record_that_is_too_long_gives_up_metadata_and_then_the_task() {
        // rule D6
        let long_tag = format!("\"{}\"", "v".repeat(1_000));
        let head = head(200, &[("etag", &long_tag)]);
        let fits =
            |record: &PartRecord| serde_json::to_vec(record).unwrap().len() <= PAYLOAD_MAX_BYTES;

        let all = with_origin(|_| {}).begun_with(&head, Some(9));
        let origin = all.clone().into_origin().unwrap().origin;
        assert_eq!(origin.metadata.as_deref(), Some("m"));
        assert!(fits(&all) && origin.omitted.is_empty());

        let cut = with_origin(|origin| origin.metadata = Some("\"".repeat(64 * 1024)))
            .begun_with(&head, Some(9));
        let origin = cut.clone().into_origin().unwrap().origin;
        assert_eq!(origin.metadata, None);
        assert_eq!(origin.omitted, [crate::store::Omitted::Metadata]);
        assert!(fits(&cut.at(u64::MAX)));

        let none = with_origin(|origin| origin.caller_id = Some("c".repeat(64 * 1024)))
            .begun_with(&head, Some(9));
        assert!(none.clone().into_origin().is_none());
        assert!(
            fits(&none) && none.validator.is_strong(),
            "it still resumes"
        );
    }

    #[test]
    fn a_record_of_the_first_version_goes_on_and_learns_its_task() {
        // rules D6, R1
        let old = r#"{"version":1,"task":1,"url":"https://a.example/a","file_name":"a.bin",
            "offset":7,"total":9,"validator":{"etag":"\"v1\"",
            "last_modified":null,"last_modified_is_strong":false}}"#;
        let old: PartRecord = serde_json::from_str(old).unwrap();
        assert_eq!(old.offset, 7);
        assert!(old.clone().into_origin().is_none());
        let fresh = with_origin(|_| {});
        assert!(!old.is_of_task(&fresh));
        let renewed = old.renewed(fresh.clone());
        assert_eq!((renewed.offset, renewed.total), (7, Some(9)));
        assert!(renewed.is_of_task(&fresh));
        assert_eq!(renewed.into_origin().unwrap().origin.path, "x/a.bin");
    }

    #[test]
    fn only_the_object_s_own_answer_gives_a_validator() {
        // rule R1
        let fields = [("etag", "\"v1\"")];
        assert!(
            record()
                .begun_with(&head(200, &fields), None)
                .validator
                .is_strong()
        );
        assert!(
            !record()
                .begun_with(&head(404, &fields), None)
                .validator
                .is_strong()
        );
    }

    #[test]
    fn restarts_in_a_row() {
        // rule R7
        let mut record = record();
        record.count_restart(RestartReason::ObjectChanged);
        record.count_restart(RestartReason::OverlapDiffers);
        assert_eq!(
            record.emptied().restarts_in_a_row,
            2,
            "begins anew, counts on"
        );
        record.count_restart(RestartReason::NoValidator);
        assert_eq!(record.restarts_in_a_row, 0);
    }
}
