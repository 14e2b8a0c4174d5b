//! Plans: tasks that come after each other and are made in one commit (rule L6).
//!
//! A plan only puts steps in an order in which they can be made, and refuses one that has none. It
//! knows nothing of the store and starts nothing.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::after::After;
use crate::error::{Error, ErrorKind, Result};
use crate::request::Request;
use crate::session::Session;
use crate::task::DownloadTask;

/// Steps of a circle that the error names.
const NAMED_LIMIT: usize = 8;

/// Tells plans apart.
static PLANS: AtomicU64 = AtomicU64::new(0);

/// Tasks that come after each other, to be made in one commit with
/// [`Session::enqueue_plan`](crate::Session::enqueue_plan) (rule L6).
///
/// Each step begins when all that it comes after have succeeded, in whichever launch or wake that is:
/// the app need not be alive to say so. When one fails or is cancelled, those that come after it end
/// with [`ErrorKind::DependencyFailed`], and so do those that come after them; the others go on.
///
/// A step whose [`caller_id`](Request::caller_id) the session already knows is that task, as it is
/// (rule L5): the same plan, enqueued at every launch, makes its tasks once.
///
/// ```
/// use backhaul::{Plan, Request, Session, SessionConfiguration, TaskState, WaitReason};
/// # fn main() -> Result<(), backhaul::Error> {
/// # let folder = tempfile::tempdir().unwrap();
/// # let configuration = SessionConfiguration::ephemeral().container(folder.path());
/// # let session = Session::new(configuration, None, Default::default())?;
/// # let tonight = std::time::SystemTime::now() + std::time::Duration::from_secs(36_000);
/// let pack = |url| Ok::<_, backhaul::Error>(Request::new(url)?.earliest_begin_date(tonight));
///
/// let mut plan = Plan::new();
/// let west = plan.add(pack("https://example.com/west.pack")?.caller_id("west"));
/// let east = plan.add(pack("https://example.com/east.pack")?.caller_id("east"));
/// let index = plan.add(Request::new("https://example.com/both.index")?.caller_id("index"));
/// plan.after(index, west).after(index, east);
///
/// let tasks = session.enqueue_plan(plan)?;
/// let waiting = tasks[2].explain()?;
/// assert_eq!(waiting.task.state, TaskState::Waiting(WaitReason::Dependency));
/// assert_eq!(waiting.after, [tasks[0].id(), tasks[1].id()]);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Plan {
    number: u64,
    steps: Vec<Step>,
    /// The first mistake; told when the plan is enqueued.
    mistake: Option<&'static str>,
}

/// A step of a [`Plan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PlanStep {
    plan: u64,
    index: usize,
}

#[derive(Debug)]
struct Step {
    request: Request,
    /// Steps that it comes after.
    after: BTreeSet<usize>,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan::new()
    }
}

impl Plan {
    /// A plan without steps.
    #[must_use]
    pub fn new() -> Plan {
        Plan {
            number: PLANS.fetch_add(1, Ordering::Relaxed),
            steps: Vec::new(),
            mistake: None,
        }
    }

    /// Adds a step. It may itself come after tasks that are there already, by [`Request::after`].
    pub fn add(&mut self, request: Request) -> PlanStep {
        let index = self.steps.len();
        self.steps.push(Step {
            request,
            after: BTreeSet::new(),
        });
        PlanStep {
            plan: self.number,
            index,
        }
    }

    /// Lets `step` come after `earlier`, besides what it comes after already. Both must be of this
    /// plan; enqueuing it fails otherwise.
    pub fn after(&mut self, step: PlanStep, earlier: PlanStep) -> &mut Plan {
        let is_ours = |step: PlanStep| step.plan == self.number;
        match self.steps.get_mut(step.index) {
            Some(found) if is_ours(step) && is_ours(earlier) => {
                found.after.insert(earlier.index);
            }
            _ => {
                self.mistake = Some(
                    "a step of another plan; tasks that are there already are named by Request::after",
                )
            }
        }
        self
    }

    /// How many steps it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The requests in an order in which each stands behind those that it comes after, and for each
    /// of them which step it is.
    ///
    /// # Errors
    /// [`ErrorKind::DependencyCycle`]; [`ErrorKind::InvalidRequest`] for a step of another plan.
    pub(crate) fn into_order(self) -> Result<(Vec<Request>, Vec<usize>)> {
        if let Some(mistake) = self.mistake {
            return Err(Error::new(ErrorKind::InvalidRequest, mistake));
        }
        let order = order(&self.steps)?;
        let mut places = vec![0; order.len()];
        for (place, index) in order.iter().enumerate() {
            places[*index] = place;
        }
        let mut steps: Vec<Option<Step>> = self.steps.into_iter().map(Some).collect();
        let in_order = order.iter().filter_map(|index| {
            let Step { mut request, after } = steps.get_mut(*index)?.take()?;
            request
                .after
                .extend(after.iter().map(|step| After::Made(places[*step])));
            Some(request)
        });
        Ok((in_order.collect(), order))
    }
}

impl Session {
    /// Makes the tasks of a plan and resumes them, in one commit, and gives them back in the order of
    /// its steps (rule L6).
    ///
    /// # Errors
    /// [`ErrorKind::DependencyCycle`], [`ErrorKind::UnknownTask`] when a step comes after a task that
    /// does not exist, [`ErrorKind::InvalidRequest`] when it is of another session or the step of
    /// another plan; else as [`Session::download_task`]. Nothing is written then.
    pub fn enqueue_plan(&self, plan: Plan) -> Result<Vec<DownloadTask>> {
        let (requests, order) = plan.into_order()?;
        let made = self.enqueue(requests.into_iter().map(Ok))?;
        let mut tasks: Vec<_> = order.into_iter().zip(made).collect();
        tasks.sort_unstable_by_key(|(step, _)| *step);
        Ok(tasks.into_iter().map(|(_, task)| task).collect())
    }
}

/// Of those that may come next, the one that was added first.
fn order(steps: &[Step]) -> Result<Vec<usize>> {
    let mut behind: Vec<Vec<usize>> = vec![Vec::new(); steps.len()];
    let mut missing: Vec<usize> = Vec::with_capacity(steps.len());
    for (index, step) in steps.iter().enumerate() {
        missing.push(step.after.len());
        for earlier in &step.after {
            behind[*earlier].push(index);
        }
    }
    let mut next: BTreeSet<usize> = (0..steps.len()).filter(|i| missing[*i] == 0).collect();
    let mut order = Vec::with_capacity(steps.len());
    while let Some(index) = next.pop_first() {
        order.push(index);
        for later in &behind[index] {
            missing[*later] -= 1;
            if missing[*later] == 0 {
                next.insert(*later);
            }
        }
    }
    if order.len() == steps.len() {
        return Ok(order);
    }
    Err(cycle(steps, &missing))
}

/// Walks back from a step that nothing lets go, along others of the kind, until one comes again.
fn cycle(steps: &[Step], missing: &[usize]) -> Error {
    let mut path: Vec<usize> = Vec::new();
    let mut at = missing.iter().position(|missing| *missing > 0);
    while let Some(step) = at {
        if let Some(first) = path.iter().position(|seen| *seen == step) {
            path.drain(..first);
            break;
        }
        path.push(step);
        let mut earlier = steps[step].after.iter().copied();
        at = earlier.find(|earlier| missing[*earlier] > 0);
    }
    let name = |step: &usize| {
        let request = &steps[*step].request;
        let url = request.redacted_url();
        format!(
            "step {} ({})",
            step + 1,
            request.caller_id.as_ref().unwrap_or(&url)
        )
    };
    let names: Vec<String> = path.iter().take(NAMED_LIMIT).map(name).collect();
    let more = if path.len() > NAMED_LIMIT {
        " after others,"
    } else {
        ""
    };
    Error::new(
        ErrorKind::DependencyCycle,
        format!(
            "the plan goes in a circle, so nothing of it could begin: {},{more} after the first of them; take one of the dependencies out",
            names.join(" after ")
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(name: &str) -> Request {
        Request::new(&format!("https://host/{name}")).unwrap()
    }

    fn names(requests: &[Request]) -> Vec<&str> {
        requests.iter().map(|r| &r.url.path()[1..]).collect()
    }

    #[test]
    fn steps_stand_behind_those_that_they_come_after() {
        // rule L6
        let mut plan = Plan::new();
        let [roof, walls, ground, garden] =
            ["roof", "walls", "ground", "garden"].map(|name| plan.add(request(name)));
        plan.after(roof, walls).after(roof, walls);
        plan.after(walls, ground).after(garden, ground);
        let (requests, order) = plan.into_order().unwrap();
        assert_eq!(names(&requests), ["ground", "walls", "roof", "garden"]);
        assert_eq!(order, [2, 1, 0, 3]);
        assert_eq!(requests[0].after, []);
        assert_eq!(requests[2].after, [After::Made(1)]);
        assert_eq!(requests[3].after, [After::Made(0)]);
    }

    #[test]
    fn what_goes_in_a_circle_is_refused_and_named() {
        // rule L6
        let mut plan = Plan::new();
        let [a, b, c, d] = ["a", "b", "c", "d"].map(|n| plan.add(request(n).caller_id(n)));
        plan.after(d, c).after(c, b).after(b, a).after(b, d);
        let error = plan.into_order().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DependencyCycle);
        for name in ["step 2 (b)", "step 3 (c)", "step 4 (d)"] {
            assert!(error.message().contains(name), "{error}");
        }
        assert!(!error.message().contains("(a)"), "{error}");

        let mut plan = Plan::new();
        let a = plan.add(request("a"));
        plan.after(a, a);
        let error = plan.into_order().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::DependencyCycle);
    }

    #[test]
    fn a_step_of_another_plan_is_refused() {
        // rule L6
        let mut other = Plan::new();
        let theirs = other.add(request("theirs"));
        let mut plan = Plan::new();
        let ours = plan.add(request("ours"));
        plan.after(ours, theirs);
        let error = plan.into_order().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
}
