//! One arm for each effect, question and answer, as in the driver.

use super::{Answer, Question, World};
use crate::engine::{Command, CommandToken, Effect, Input};
use crate::store::{Change, Phase, TaskRow};
use crate::task_id::TaskId;
use crate::transport::{TransferEvent, TransferId};

impl World {
    pub(super) fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Claim(request) => self.questions.push_back(Question::Claim(request)),
            Effect::Commit { changes, then } => {
                self.questions.push_back(Question::Commit(changes, then));
            }
            Effect::Start(start) => {
                let old = self.running.insert(start.id, false);
                assert_eq!(old, None, "transfer {} was started twice", start.id);
            }
            Effect::Stop(id) => self.stop(id),
            Effect::Finish(id) => assert!(self.filing.insert(id), "task {id} is filed twice"),
            Effect::RemovePart(part) => self.parts_removed.push(part.task),
            Effect::ForgetSidecar(_) => {}
            Effect::Notify(event) => self.told.push(*event),
            Effect::Deliver(task, _) => panic!("task {} delivered without its commit", task.id),
            Effect::Reply(token, result) => {
                result.unwrap();
                self.reply(token);
            }
            Effect::Wake(next) => self.wakes.push(next),
        }
    }

    /// Answered by `Stopped` unless another last event is on its way; unknown transfers too.
    pub(super) fn stop(&mut self, id: TransferId) {
        let is_known = self.running.contains_key(&id);
        if !is_known && self.has_last_event(id) {
            return;
        }
        if is_known {
            self.running.insert(id, true);
        }
        if self.answers_stops || !is_known {
            self.end_transfer(id, World::stop_answer(0));
        }
    }

    /// A transfer of an earlier process is on its way to the engine.
    pub fn is_taking_over(&self, id: TransferId) -> bool {
        let asked = |question: &Question| matches!(question, Question::Adopt(of, _) if *of == id);
        let answered = |answer: &Answer| matches!(answer, Answer::Adopted(of, ..) if *of == id);
        self.questions.iter().any(asked) || self.answers.iter().any(answered)
    }

    fn reply(&mut self, token: CommandToken) {
        let count = self.replies.get_mut(&token.0).unwrap();
        *count += 1;
        assert_eq!(*count, 1, "a command was answered twice");
    }

    /// The store looks at the oldest question.
    pub fn ask_store(&mut self) -> bool {
        let Some(question) = self.questions.pop_front() else {
            return false;
        };
        let answer = match question {
            Question::Claim(request) => Answer::Claimed(self.store.claim(&request)),
            Question::Commit(changes, then) => {
                let moves_others = self.store.commit(&changes);
                Answer::Committed(changes, then, moves_others)
            }
            Question::Load(id, command) => Answer::Loaded(id, command, self.store.lease(id)),
            Question::Adopt(id, event) => Answer::Adopted(id, event, self.store.lease(id.task)),
        };
        self.answers.push_back(answer);
        true
    }

    /// The engine hears the oldest answer.
    pub fn hear_store(&mut self) -> bool {
        let Some(answer) = self.answers.pop_front() else {
            return false;
        };
        match answer {
            Answer::Claimed(claim) => self.feed(Input::Claimed(claim)),
            Answer::Committed(changes, then, moves_others) => {
                self.committed(&changes, then);
                if moves_others {
                    self.feed(Input::MoreReady);
                }
            }
            Answer::Loaded(id, command, row) => match row {
                Some(row) => {
                    self.feed(Input::Loaded(vec![row]));
                    self.feed(Input::Command(id, command));
                }
                None => self.command_again(id, command),
            },
            Answer::Adopted(id, event, row) => self.adopted(id, event, row),
        }
        true
    }

    fn adopted(&mut self, id: TransferId, event: Option<TransferEvent>, row: Option<TaskRow>) {
        match row {
            Some(row) => self.feed(Input::Adopted(Box::new(row), id)),
            // It belongs to no live task.
            None if !self.engine.contains(id.task) && self.running.contains_key(&id) => {
                self.stops_decided.insert(id);
                self.stop(id);
            }
            None => {}
        }
        if let Some(event) = event {
            self.feed(Input::Transfer(id, event));
        }
    }

    fn committed(&mut self, changes: &[Change], then: Vec<Effect>) {
        for effect in then {
            match effect {
                Effect::Deliver(task, _) => {
                    let ended = |change: &Change| matches!(change, Change::Complete { id, .. } if *id == task.id);
                    assert!(
                        changes.iter().any(ended),
                        "task {} has no journal entry",
                        task.id
                    );
                    self.delivered.push(task.id);
                }
                effect => self.carry_out(effect),
            }
        }
    }

    /// Gives a command without waiting for anything.
    pub fn ask(&mut self, id: TaskId, command: fn(CommandToken) -> Command) -> CommandToken {
        let token = self.next_token();
        self.command_again(id, command(token));
        token
    }

    /// A task that is in no window is loaded. It may have come and gone while the question was on
    /// its way: then the commit that let it go stands before the next question.
    fn command_again(&mut self, id: TaskId, command: Command) {
        if self.engine.contains(id) {
            self.feed(Input::Command(id, command));
        } else if self.store.get(id).phase == Phase::Completed {
            let (Command::Resume(token)
            | Command::Suspend(token)
            | Command::Cancel(token)
            | Command::CancelKeepingPart(token)) = command;
            self.reply(token);
        } else {
            self.questions.push_back(Question::Load(id, command));
        }
    }
}
