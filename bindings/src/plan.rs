//! Plans: tasks that come after each other and are made in one commit (rule L6).

use crate::error::{BackhaulError, Result};
use crate::request::Request;

/// One step of a plan: a list of steps, enqueued by `Session.enqueue_plan`.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct PlanStep {
    /// What to fetch.
    pub request: Request,
    /// Which steps must succeed first: their places in the list, from 0.
    #[uniffi(default = [])]
    pub after: Vec<u32>,
}

pub(crate) fn plan_of(steps: Vec<PlanStep>) -> Result<backhaul::Plan> {
    let mut plan = backhaul::Plan::new();
    let mut edges = Vec::new();
    let mut made = Vec::with_capacity(steps.len());
    for PlanStep { request, after } in steps {
        made.push(plan.add(request.into_core()?));
        edges.push(after);
    }
    for (step, after) in made.iter().zip(edges) {
        for earlier in after {
            let place = usize::try_from(earlier).ok();
            let earlier = place.and_then(|place| made.get(place)).ok_or_else(|| {
                BackhaulError::new(
                    backhaul::ErrorKind::InvalidRequest,
                    format!("the plan has no step {earlier}; steps are counted from 0"),
                )
            })?;
            plan.after(*step, *earlier);
        }
    }
    Ok(plan)
}
