//! A task's handle, and how a request becomes a row.

use crate::clock::{Moment, duration_ms};
use crate::configuration::Settings;
use crate::driver::Mail;
use crate::engine::Command;
use crate::engine::policy::{Needs, rank};
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::origin;
use crate::request::{DEFAULT_PRIORITY, Destination, Request, suggested_filename_for_url};
use crate::resume_data::ResumeData;
use crate::session::Session;
use crate::store::{Hold, NewTask, Phase};
use crate::task_id::TaskId;
use crate::task_state::{Explanation, TaskInfo, WaitReason};

/// A handle to a download. Cheap to clone; keeps its session alive.
///
/// `resume`, `suspend` and `cancel` may be called any number of times, in any order; each returns
/// when the change is durable.
#[derive(Clone, Debug)]
pub struct DownloadTask {
    session: Session,
    id: TaskId,
}

impl DownloadTask {
    pub(crate) fn new(session: Session, id: TaskId) -> DownloadTask {
        DownloadTask { session, id }
    }

    /// The task's number.
    #[must_use]
    pub fn id(&self) -> TaskId {
        self.id
    }

    /// The session it belongs to.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Where it stands now.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownTask`] once it was forgotten.
    pub fn info(&self) -> Result<TaskInfo> {
        self.explain().map(|explanation| explanation.task)
    }

    /// Where it stands, why, since when, and what would change that (rule E1).
    ///
    /// # Errors
    /// [`ErrorKind::UnknownTask`] once it was forgotten.
    pub fn explain(&self) -> Result<Explanation> {
        self.session.0.ask(|answer| Mail::Explain(self.id, answer))
    }

    /// Starts it, or lets it go on (rule S4). One that waits for space, or pauses after a failed
    /// attempt, is tried at once. Does nothing if it runs or has ended. Tasks that were there before
    /// [`Session::finish_tasks_and_invalidate`] can still be resumed after it.
    ///
    /// # Errors
    /// [`ErrorKind::SessionInvalidated`], [`ErrorKind::UnknownTask`], [`ErrorKind::Store`].
    pub fn resume(&self) -> Result<()> {
        self.command(Command::Resume)?;
        self.session.0.note_resumed();
        Ok(())
    }

    /// Pauses it; its bytes stay. Suspending twice needs one `resume` only.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownTask`], [`ErrorKind::Store`].
    pub fn suspend(&self) -> Result<()> {
        self.command(Command::Suspend)
    }

    /// Ends it: `did_complete` with [`ErrorKind::Cancelled`]; its part file is removed (rule L4).
    ///
    /// # Errors
    /// [`ErrorKind::UnknownTask`], [`ErrorKind::Store`].
    pub fn cancel(&self) -> Result<()> {
        self.command(Command::Cancel)
    }

    /// Ends it like [`cancel`](DownloadTask::cancel) and gives back what another task can go on
    /// from, with [`Session::download_task_with_resume_data`] (rule L4). None if the server offers
    /// nothing that a transfer could be resumed by, or nothing was received: the part file is
    /// removed then. Otherwise it is kept for seven days.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownTask`], [`ErrorKind::Store`].
    pub fn cancel_by_producing_resume_data(&self) -> Result<Option<ResumeData>> {
        self.command(Command::CancelKeepingPart)?;
        let (store, key) = self.session.0.store();
        let Some(row) = store.task(key, self.id).wait()? else {
            return Ok(None);
        };
        let paths = self
            .session
            .0
            .places()
            .paths(row.id, &row.base, &row.path)?;
        let data = ResumeData::of(&row, &paths, store.token());
        let cancelled = row
            .record
            .last_error
            .as_ref()
            .is_some_and(|e| e.kind == ErrorKind::Cancelled);
        if data.is_none() && cancelled {
            // Nothing can go on from it: it is swept like any other part file.
            crate::files::remove_parts(&paths).map_err(|source| {
                Error::new(ErrorKind::File, "the part file cannot be removed").with_source(source)
            })?;
            store.part_removed(key, &[row.id]).detach();
        }
        Ok(data.filter(|_| cancelled))
    }

    /// Replaces its free text (rule L3).
    ///
    /// # Errors
    /// [`ErrorKind::UnknownTask`], [`ErrorKind::Store`].
    pub fn set_metadata(&self, text: &str) -> Result<()> {
        self.session.set_metadata(&[self.id], text)
    }

    fn command(&self, command: fn(crate::engine::CommandToken) -> Command) -> Result<()> {
        self.session
            .0
            .ask(|answer| Mail::Command(self.id, command, answer))
    }
}

/// A request as the store keeps it. Everything that can be wrong with it is said here, before
/// anything is written (rules C2, T1, T2).
pub(crate) fn new_task(
    settings: &Settings,
    request: Request,
    resumed: bool,
    now: Moment,
) -> Result<NewTask> {
    request.check_lengths()?;
    check_headers(&request)?;
    check_trust(settings, &request)?;
    let Request {
        url,
        destination,
        caller_id,
        metadata,
        options,
    } = request;
    let destination = match destination {
        Some(destination) => destination,
        None => suggested_filename_for_url(url.as_str())
            .and_then(|name| Destination::in_container(name).ok())
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::InvalidDestination,
                    "the URL suggests no file name; say where with destination()",
                )
            })?,
    };
    let hold = options
        .earliest_begin_ms
        .filter(|at| *at > now.wall_ms)
        .map(|at| Hold {
            reason: WaitReason::EarliestBeginDate,
            set: now,
            delay_ms: at - now.wall_ms,
        });
    let phase = match (resumed, hold) {
        (false, _) => Phase::Suspended,
        (true, Some(_)) => Phase::Held,
        (true, None) => Phase::Ready,
    };
    let timeout_ms = duration_ms(settings.timeout_for_resource);
    Ok(NewTask {
        host: host_of(&url),
        url: url.into(),
        base: destination.base().to_owned(),
        path: destination.path().to_owned(),
        caller_id,
        metadata,
        needs: needs(settings, &options),
        phase,
        hold,
        rank: rank(now.wall_ms, options.priority.unwrap_or(DEFAULT_PRIORITY)),
        deadline_ms: resumed.then(|| now.wall_ms.saturating_add(timeout_ms)),
        options,
        created: now,
    })
}

/// `host:port`, the unit of the per-host limit.
fn host_of(url: &url::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    format!("{host}:{}", url.port_or_known_default().unwrap_or(0))
}

/// Fields that the transport alone may set: with a range of the app's own, no answer could be
/// trusted to be the file (rules R2, R3).
fn check_headers(request: &Request) -> Result<()> {
    let reserved = [
        "Range",
        "If-Range",
        "Accept-Encoding",
        "Content-Length",
        "Transfer-Encoding",
        "Host",
    ];
    match reserved
        .iter()
        .find(|name| request.options.headers.get(name).is_some())
    {
        Some(name) => Err(Error::new(
            ErrorKind::InvalidHeader,
            format!("the header {name} is set by the transfer itself; leave it out of the request"),
        )),
        None => Ok(()),
    }
}

fn check_trust(settings: &Settings, request: &Request) -> Result<()> {
    let url = &request.url;
    let host = url.host_str().unwrap_or_default();
    if url.scheme() == "http" && !settings.plain_http_hosts.allows(host) {
        return Err(Error::new(
            ErrorKind::PlainHttpNotAllowed,
            format!(
                "plain http to {host} is not allowed; use https, or allow_plain_http({host:?}) in the configuration"
            ),
        ));
    }
    // A background session's requests lie in the store, which holds no secret in clear.
    let is_stored = settings.identifier.is_some();
    let secret = |name: &str| origin::is_secret(name, &settings.secret_headers);
    let has_secret_header = request.options.headers.iter().any(|(name, _)| secret(name));
    let has_user_info = !url.username().is_empty() || url.password().is_some();
    if is_stored && (has_secret_header || has_user_info) {
        return Err(Error::new(
            ErrorKind::SecretNotStorable,
            "a background request may not carry Authorization, Cookie or user-info: it would be stored in clear; use a signed URL or a default session",
        ));
    }
    Ok(())
}

fn needs(settings: &Settings, options: &crate::request::RequestOptions) -> i64 {
    let allowed = |request: Option<bool>, session: bool| request.unwrap_or(true) && session;
    let bits = [
        (Needs::NETWORK, settings.waits_for_connectivity),
        (
            Needs::NOT_CELLULAR,
            !allowed(options.allows_cellular, settings.allows_cellular),
        ),
        (
            Needs::NOT_EXPENSIVE,
            !allowed(options.allows_expensive, settings.allows_expensive),
        ),
        (
            Needs::NOT_CONSTRAINED,
            !allowed(options.allows_constrained, settings.allows_constrained),
        ),
        (Needs::EASE, settings.is_discretionary),
    ];
    bits.iter()
        .filter(|(_, needed)| *needed)
        .map(|(bit, _)| bit)
        .sum()
}
